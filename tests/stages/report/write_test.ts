import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { readCsv } from "../../../formats/csv.ts";
import { decodePng } from "../../../formats/png.ts";
import { everyArtifact, type Sources } from "../../../stages/report/read/sources.ts";
import { asControl, filesUnder, graph, one, scaled, slug, written } from "./written.ts";

Deno.test("a run by the recipe is not called scaled down, even where a picture was drawn otherwise", async () => {
  await using report = await written(one, { deviations: scaled.slice(1) });
  assertMatch(report.text, /^Profile `quick`: 3 models/);
  assert(!/scaled.down/i.test(report.text));
});

Deno.test("a column that nothing was measured for is left out", async () => {
  const without = (sources: Sources): Sources => ({
    ...sources,
    probes: sources.probes.map((probe) => {
      const { raw: _, ...meta } = probe.meta;
      const { normalised } = meta.released!;
      return {
        ...probe,
        meta: { ...meta, released: { normalised }, predictions: meta.predictions.slice(0, 3) },
      };
    }),
  });
  await using report = await written(one, { change: without });
  assertStringIncludes(
    report.text,
    "| Type | Channels | N leaf | Paper | Linear | Released probe | k-NN | Gain over random init |",
  );
  assertStringIncludes(
    report.text,
    "  - DenseJoin − AvgJoin: not tested, as it was not measured.",
  );
});

Deno.test("comparisons are paired: of the same images, with a gain of every model and a step of the paper's order", async () => {
  await using report = await written({ ...one, seeds: [0, 1] });
  const { rows } = await readCsv(join(report.out, "comparisons.csv"));
  const found = rows.map(({ a, b, probe, difference, seeds }) => [a, b, probe, difference, seeds]);
  assertEquals(found.slice(0, 6), [
    ["dense-join", "dense-join, random init", "linear", "0.15", "0 1"],
    ["cnn", "cnn, random init", "linear", "0.15", "0 1"],
    ["brand-new", "brand-new, random init", "linear", "0.15", "0 1"],
    ["dense-join, leaves", "dense-join, leaves, random init", "linear", "0.15", "0 1"],
    ["dense-join", "cnn", "linear", "0", "0 1"],
    ["dense-join", "cnn", "released", "0", "0 1"],
  ]);
  assertEquals(found.length, 6 + 3 * 3);
  // Equal predictions have no spread.
  assertEquals([rows[4].low, rows[4].high], ["0", "0"]);
  assert(Number(rows[0].low) < 0.15 && Number(rows[0].high) > 0.15);
});

Deno.test("what was judged on other test images is compared with nothing", async () => {
  const onOthers = (sources: Sources): Sources => {
    for (const { dir } of sources.controls) {
      const bytes = Deno.readFileSync(join(dir, "index_test.npy"));
      bytes[bytes.length - 4] ^= 1;
      Deno.writeFileSync(join(dir, "index_test.npy"), bytes);
    }
    return sources;
  };
  await using report = await written(one, { change: onOthers });
  const { rows } = await readCsv(join(report.out, "comparisons.csv"));
  assertEquals(rows.map(({ a, b }) => [a, b]), [
    ...["dense-join", "cnn", "brand-new"].map((model) => [model, `${model}, random init`]),
    ["dense-join, leaves", "dense-join, leaves, random init"],
    ["dense-join", "cnn"],
    ["dense-join", "cnn"],
  ]);
  assertStringIncludes(report.text, "| Pixels, 8 × 8 | – | – | – | [50.0](#controls-0) (35.2–64.8) |");
});

Deno.test("six seeds of the recipe have a verdict, with every reason for it", async () => {
  const models = ["dense-join", "avg-join", "cnn", "resnet50"];
  await using report = await written({ models, seeds: [0, 1, 2, 3, 4, 5] });
  assertStringIncludes(
    report.text,
    "- **The order, DenseJoin > AvgJoin > CNN: undecided** at the paper's scale.",
  );
  assertStringIncludes(report.text, "  - DenseJoin − AvgJoin, 0.0 to 0.0 points: undecided.");
  assertStringIncludes(report.text, "- **The levels, each within ±3 points of the paper's: contradicted**.");
  assertMatch(report.text, /\n {2}- CNN, .* against the paper's 62\.0: contradicted\./);
  assertMatch(report.text, /\n- ResNet50, .* against the paper's 61\.1: no level to hold/);
  assert(!report.text.includes("do not rank the models:**"));
});

Deno.test("several seeds give mean ± sample SD, and every seed by itself", async () => {
  await using report = await written({ models: ["avg-join"], seeds: [0, 1] });
  assertMatch(report.text, /\[45\.0\]\(#probe-avg-join-0\) ± 7\.1 \(−?\d+\.\d–\d+\.\d\)/);
  assertStringIncludes(
    report.text,
    "| AvgJoin | 1 | [50.0](#probe-avg-join-1) (34.5–65.5) | [32.5](#probe-avg-join-1)",
  );
  assertStringIncludes(report.text, "| Pixels, 8 × 8 | 1 | [50.0](#controls-1) (34.5–65.5) | – |");
  const { rows } = await readCsv(join(report.out, "table1.csv"));
  const [row] = rows;
  assertEquals([row.linear, row.linear_sd, row.seeds], ["0.45", "0.070711", "0 1"]);
  // Wilson's of 0.45 on 40 images is 0.31 to 0.60; two seeds that differ by 0.1 make it wider.
  assert(Number(row.linear_low) < 0.29 && Number(row.linear_high) > 0.61);
});

Deno.test("table1.csv says which rows are controls", async () => {
  await using report = await written(one, { change: asControl("brand-new") });
  const { rows } = await readCsv(join(report.out, "table1.csv"));
  assertEquals(rows.filter(({ control }) => control === "false").map(({ model }) => model), [
    "dense-join",
    "cnn",
  ]);
});

Deno.test("table1.csv holds fractions and counts, and nothing volatile", async () => {
  await using report = await written(one, { deviations: scaled });
  const { columns, rows } = await readCsv(join(report.out, "table1.csv"));
  assertEquals(rows.map(({ model, paper, linear, random }) => [model, paper, linear, random]), [
    ["dense-join", "0.718", "0.4", "0.3"],
    ["cnn", "0.62", "0.4", "0.3"],
    ["brand-new", "", "0.4", "0.3"],
    ["pixels", "", "0.5", ""],
    ["patches", "", "0.5", ""],
    ["random-leaves-pca dense-join avg-join", "", "0.5", ""],
  ]);
  assert(rows.every((row) => row.scaled_down === "true"));
  assert(columns.every((column) => !/time|second|host/.test(column)));
});

Deno.test("every link leads to a file of the report, to an anchor in it, or to the documentation", async () => {
  await using report = await written({ ...one, seeds: [0, 1] }, { deviations: scaled });
  const links = [...report.text.matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link);
  const headings = [...report.text.matchAll(/^## (.+)$/gm)].map(([, heading]) => slug(heading));
  const anchors = new Set([
    ...headings,
    ...[...report.text.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id),
  ]);
  const files = new Set(await filesUnder(report.out));
  const documents = new URL("../../../", import.meta.url);
  for (const link of new Set(links)) {
    if (link.startsWith("#")) assert(anchors.has(link.slice(1)), `no anchor ${link}`);
    else if (link.startsWith("../../")) {
      const [path, section] = link.slice("../../".length).split("#");
      const text = await Deno.readTextFile(new URL(path, documents));
      const sections = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => slug(heading));
      assert(section === undefined || sections.includes(section), `no section ${link}`);
    } else assert(files.has(link), `no file ${link}`);
  }
});

Deno.test("every file of the report is linked from it", async () => {
  await using report = await written(one);
  for (const file of await filesUnder(report.out)) {
    if (file !== "REPORT.md") assertStringIncludes(report.text, `](${file})`);
  }
});

Deno.test("placeholders name a task of the report and a field of run.json", async () => {
  await using report = await written(one);
  const tasks = [...everyArtifact({ sources: report.sources, graph }).map(({ task }) => task), "report"];
  const fields =
    "seconds peakMemory host.cpu host.cores host.memory host.os deno backend cores command commit packages.length";
  const found = [...report.text.matchAll(/\{\{(.*?)\}\}/g)].map(([, inside]) => inside.split(" "));
  assert(found.length > tasks.length);
  for (const [verb, task, field, ...rest] of found) {
    assert(tasks.includes(task), `no task ${task}`);
    if (verb === "rate") assertEquals([field, ...rest], ["1500", "unless", "records.resumedFrom"]);
    else assertEquals([verb, rest, fields.split(" ").includes(field)], ["run", [], true], field);
  }
});

Deno.test("the same artifacts in other folders give the same bytes, whatever their order", async () => {
  await using first = await written(one, { deviations: scaled });
  await using second = await written({ ...one, models: one.models.toReversed() }, { deviations: scaled });
  const files = await filesUnder(first.out);
  assertEquals(await filesUnder(second.out), files);
  for (const file of files) {
    const bytes = await Deno.readFile(join(first.out, file));
    assertEquals(await Deno.readFile(join(second.out, file)), bytes, `${file} differs`);
  }
});

Deno.test("a report of a part of the workflow leaves out what it does not have", async () => {
  await using nothing = await written(one, { only: [] });
  assertStringIncludes(nothing.text, "No model was trained in this run.");
  await using trained = await written(one, { only: ["download", "views", "trained"] });
  assert(!trained.text.includes("## Figure 5"));
  assertStringIncludes(
    trained.text,
    "| CNN | [8 - 16](#train-cnn-0) | [2](#train-cnn-0) | 62.0 | – |",
  );
});

Deno.test("pictures decode, and what they show is beside them as data", async () => {
  await using report = await written(one);
  const picture = decodePng(await Deno.readFile(join(report.out, "figures/figure5.png")));
  assert(picture.width > 600 && picture.height > 400);
  const { rows } = await readCsv(join(report.out, "figures/figure5.csv"));
  assertEquals(rows.length, one.models.length * 40);
  assertEquals(rows[1].index, "7");
  const curves = await readCsv(join(report.out, "figures/curves.csv"));
  assertEquals(curves.rows.slice(0, 2).map(({ model, images, loss }) => [model, images, loss]), [
    ["dense-join", "300", "5"],
    ["dense-join", "600", "4.9"],
  ]);
});
