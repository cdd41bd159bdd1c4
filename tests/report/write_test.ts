import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { readCsv } from "../../stages/formats/csv.ts";
import { readPng } from "../../stages/formats/png.ts";
import { everyArtifact, type Sources } from "../../stages/report/read/sources.ts";
import { asControl, filesUnder, graph, one, scaled, slug, written } from "./written.ts";

Deno.test("a report has every section, in order", async () => {
  await using report = await written(one, { deviations: scaled });
  const prose = report.text.replace(/^```[^]*?^```$/gm, "");
  const headings = prose.split("\n").filter((line) => /^##? /.test(line));
  assertEquals(headings, [
    "# Spontaneous Decomposition from Grouped Network Pathways: a reproduction",
    "## Table 1: linear evaluation",
    "## What training added",
    "## Verdict",
    "## Figure 1: architecture",
    "## Figure 2: views",
    "## Figures 3 and 4: what the leaves look at",
    "## Figure 5: UMAP of the representations",
    "## Training curves",
    "## Learning curves",
    "## Deviations from the recipe",
    "## Known differences between rows",
    "## Reproducibility",
    "## Where the numbers come from",
    "## Hardware and versions",
    "## How to check and rerun",
  ]);
});

Deno.test("the first line says what was run, and that a scaled-down run does not test the claim", async () => {
  await using report = await written(one, { deviations: scaled });
  const [first] = report.text.split("\n");
  assertMatch(first, /^\*\*Scaled down: these numbers do not test the paper's claim\.\*\*/);
  assertStringIncludes(first, "Profile `quick`: 3 models (DenseJoin, CNN and brand-new), seed 0");
  assertStringIncludes(first, "1,500 CIFAR-10 images seen by each model, 40 test images");
});

Deno.test("a run by the recipe is not called scaled down, even where a picture was drawn otherwise", async () => {
  await using report = await written(one, { deviations: scaled.slice(1) });
  assertMatch(report.text, /^Profile `quick`: 3 models/);
  assert(!/scaled.down/i.test(report.text));
});

Deno.test("Table 1 has the paper's models first, a dash where the paper has none, and an interval for one seed", async () => {
  await using report = await written(one);
  const rows = report.text.split("\n").filter((line) =>
    /^\| (DenseJoin|CNN|brand-new) \| \[8 - 16\]/.test(line)
  );
  const cells = rows.map((row) => row.split(" | "));
  assertEquals(cells.map(([type]) => type), ["| DenseJoin", "| CNN", "| brand-new"]);
  assertEquals(cells.map((row) => row[3]), ["71.8", "62.0", "–"]);
  assertEquals(cells[0].slice(4), [
    "[40.0](#probe-dense-join-0) (26.3–55.4)",
    "[32.5](#probe-dense-join-0) (20.1–48.0)",
    "[25.0](#probe-dense-join-0) (14.2–40.2)",
    "[35.0](#probe-dense-join-0) (22.1–50.5)",
    "[35.0](#probe-dense-join-0) (22.1–50.5)",
    cells[0].at(-1)!,
  ]);
  assertMatch(cells[0].at(-1)!, /^\[\+10\.0\]\(#probe-dense-join-0\) \(\+\d\.\d to \+\d\d\.\d\) \|$/);
  assertStringIncludes(report.text, "| DenseJoin | [12,355](#train-dense-join-0) | [23,456]");
  assertStringIncludes(report.text, "{{run train[dense-join,0] seconds}}");
});

Deno.test("controls stand in Table 1 below the models: random init, trained ones, and those that are no models", async () => {
  await using report = await written(one, { change: asControl("brand-new") });
  const table = report.text.slice(report.text.indexOf("| Type | Channels"), report.text.indexOf("*Table 1"));
  const titles = table.trim().split("\n").slice(2).map((row) => row.split(" | ")[0].slice(2));
  assertEquals(titles, [
    "DenseJoin",
    "CNN",
    "**Controls**",
    "DenseJoin, random init",
    "CNN, random init",
    "brand-new",
    "Pixels, 8 × 8",
    "K-means patches (Coates et al. 2011), K = 32",
    "PCA-128 of random leaves (DenseJoin and AvgJoin)",
  ]);
  assertStringIncludes(table, "| Pixels, 8 × 8 | – | – | – | [50.0](#controls-0) (35.2–64.8) | – |");
  assertStringIncludes(
    table,
    "| CNN, random init | [8 - 16](#train-cnn-0) | [2](#train-cnn-0) | – | [30.0](#probe-cnn-0)",
  );
  const { rows } = await readCsv(join(report.out, "table1.csv"));
  assertEquals(rows.filter(({ control }) => control === "false").map(({ model }) => model), [
    "dense-join",
    "cnn",
  ]);
});

Deno.test("a column that nothing was measured for is left out", async () => {
  const without = (sources: Sources): Sources => ({
    ...sources,
    probes: sources.probes.map((probe) => {
      const { raw: _, ...meta } = probe.meta;
      const { normalised } = meta.released!;
      return {
        ...probe,
        meta: { ...meta, released: { normalised }, predictions: ["teacher", "random", "released"] },
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
    "- Not measured under the released probe on raw pixels: DenseJoin, AvgJoin, CNN and ResNet50.",
  );
});

Deno.test("a training that collapsed is called so by name, in its row and in the line of all", async () => {
  const sick = (sources: Sources): Sources => ({
    ...sources,
    trained: sources.trained.map((artifact) => ({
      ...artifact,
      meta: { ...artifact.meta, health: artifact.point.model === "cnn" ? "collapsed: constant" : "healthy" },
    })),
  });
  await using report = await written(one, { change: sick });
  assertStringIncludes(report.text, "\n| CNN **(collapsed: constant)** | ");
  assertStringIncludes(
    report.text,
    "Healthy: [DenseJoin 0](#train-dense-join-0) and [brand-new 0](#train-brand-new-0); " +
      "collapsed: constant: [CNN 0](#train-cnn-0).",
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

Deno.test("a scaled-down run has no verdict, and says why", async () => {
  await using report = await written(one, { deviations: scaled });
  assertStringIncludes(report.text, "## Verdict\n\n**Not tested**, by [a rule written down beforehand]");
  assertStringIncludes(report.text, "- This run is scaled down");
  assertStringIncludes(report.text, "- A claim between rows takes 6 seeds, and there are 0.");
});

Deno.test("six seeds of the recipe have a verdict, with every reason for it", async () => {
  const models = ["dense-join", "avg-join", "cnn", "resnet50"];
  await using report = await written({ models, seeds: [0, 1, 2, 3, 4, 5] });
  assertStringIncludes(report.text, "**Not reproduced**, by [a rule");
  assertStringIncludes(report.text, "- DenseJoin − AvgJoin: 0.0 to 0.0 points, not above 0.");
  assertStringIncludes(report.text, "against the paper's 61.1, not within ±3 points.");
  assert(!report.text.includes("do not rank the models:**"));
});

Deno.test("several seeds give mean ± sample SD, and every seed by itself", async () => {
  await using report = await written({ models: ["avg-join"], seeds: [0, 1] });
  assertMatch(report.text, /\[45\.0\]\(#probe-avg-join-0\) ± 7\.1 \(−?\d+\.\d–\d+\.\d\)/);
  assertStringIncludes(
    report.text,
    "| AvgJoin | 1 | [50.0](#probe-avg-join-1) (35.2–64.8) | [32.5](#probe-avg-join-1)",
  );
  assertStringIncludes(report.text, "| Pixels, 8 × 8 | 1 | [50.0](#controls-1) (35.2–64.8) | – |");
  const { rows } = await readCsv(join(report.out, "table1.csv"));
  const [row] = rows;
  assertEquals([row.linear, row.linear_sd, row.seeds], ["0.45", "0.070711", "0 1"]);
  // Wilson's of 0.45 on 40 images is 0.31 to 0.60; two seeds that differ by 0.1 make it wider.
  assert(Number(row.linear_low) < 0.29 && Number(row.linear_high) > 0.61);
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
  const documents = new URL("../../", import.meta.url);
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
  const picture = await readPng(join(report.out, "figures/figure5.png"));
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
