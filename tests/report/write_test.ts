import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { readCsv } from "../../stages/formats/csv.ts";
import { readPng } from "../../stages/formats/png.ts";
import type { Deviation } from "../../stages/report/deviations.ts";
import { computeTable } from "../../stages/report/compute.ts";
import { flops } from "../../stages/report/numbers.ts";
import { everyArtifact, type Sources } from "../../stages/report/sources.ts";
import { writeReport } from "../../stages/report/write.ts";
import { generate, settingsFor, type Wanted } from "./generated.ts";

const one: Wanted = { models: ["cnn", "dense-join", "brand-new"], seeds: [0] };
const scaled: readonly Deviation[] = [
  { stage: "train", field: "epochs", recipe: 100, here: 5, models: ["dense-join", "cnn", "brand-new"] },
  { stage: "umap", field: "neighbors", recipe: 15, here: [1, 2], models: ["cnn"] },
];

async function written(
  wanted: Wanted,
  options: {
    readonly deviations?: readonly Deviation[];
    readonly only?: readonly (keyof Sources)[];
    readonly change?: (sources: Sources) => Sources;
  } = {},
) {
  const root = await Deno.makeTempDir();
  const all = await generate(root, wanted);
  const entries = Object.entries(all).map(([name, list]) =>
    [name, options.only?.includes(name as keyof Sources) ?? true ? list : []] as const
  );
  const chosen = Object.fromEntries(entries) as unknown as Sources;
  const sources = options.change?.(chosen) ?? chosen;
  const out = join(root, "out");
  await Deno.mkdir(out);
  const settings = settingsFor(sources);
  await writeReport(out, { profile: "quick", sources, settings, deviations: options.deviations ?? [] });
  const text = await Deno.readTextFile(join(out, "REPORT.md"));
  return { out, sources, text, [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }) };
}

/** Marks a model as one to compare with. */
function asControl(model: string): (sources: Sources) => Sources {
  return (sources) => ({
    ...sources,
    trained: sources.trained.map((artifact) => ({
      ...artifact,
      meta: { ...artifact.meta, control: artifact.point.model === model },
    })),
  });
}

async function filesUnder(dir: string, prefix = ""): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(dir, prefix))) {
    const path = prefix === "" ? name : `${prefix}/${name}`;
    names.push(...isDirectory ? await filesUnder(dir, path) : [path]);
  }
  return names.sort();
}

Deno.test("a report has every section, in order", async () => {
  await using report = await written(one, { deviations: scaled });
  const headings = report.text.split("\n").filter((line) => /^##? /.test(line));
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
  const tasks = [...everyArtifact(report.sources).map(({ task }) => task), "report"];
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

Deno.test("learning curves draw what was measured, and give their ends in numbers", async () => {
  await using report = await written({ models: ["cnn"], seeds: [0] });
  const { columns, rows } = await readCsv(join(report.out, "figures/learning.csv"));
  const accuracies = ["test_linear", "validation_linear", "validation_knn"];
  const bounded = accuracies.flatMap((name) => [name, `${name}_low`, `${name}_high`]);
  assertEquals(columns, ["model", "seed", "images", ...bounded, "rankme"]);
  // Wilson's of 12 in 40, and of 5 in 20.
  assertEquals([rows[0].test_linear_low, rows[0].validation_knn_high], ["0.1807485", "0.4687009"]);
  assertEquals(rows.map(({ images, test_linear }) => [images, test_linear]), [
    ["0", "0.3"],
    ["750", "0.35"],
    ["1500", "0.4"],
  ]);
  assertMatch(
    report.text,
    /\| CNN \| 0 \| \[1,500\]\(#curve-cnn-0\) \| 30\.0 \(18\.1–45\.4\) → 40\.0 \(26\.3–55\.4\) \| \+10\.0 \(\+\d\.\d to \+\d\d\.\d\) \| – \| – \| 0\.1 → 0\.01 \|/,
  );
  assertStringIncludes(
    report.text,
    "Fitted on [80](#curve-cnn-0) training images, validated on [20](#curve-cnn-0) others, tested on [40](#curve-cnn-0)",
  );
  assertStringIncludes(
    report.text,
    "Of 0.001, 0.01 and 0.1, 3 choices took the weakest 0 times and the strongest 1 time;",
  );
});

Deno.test("what training added is held against a bar: own initial weights, controls as wide, leaf outputs", async () => {
  const change = (sources: Sources): Sources => ({
    ...asControl("brand-new")(sources),
    controls: sources.controls.map((each) => ({
      ...each,
      meta: { ...each.meta, controls: each.meta.controls.map((control) => ({ ...control, features: 16 })) },
    })),
  });
  await using report = await written(one, { change });
  const section = report.text.split("## What training added")[1].split("## Verdict")[0];
  const rows = section.split("\n").filter((line) => /^\| (DenseJoin|CNN) /.test(line))
    .map((line) => line.slice(2, -2).split(" | "));
  assertEquals(
    rows.filter(([type]) => type === "DenseJoin").map((row) => [...row.slice(1, 5), ...row.slice(6)]),
    [
      ["embedding", "16", "its random init", "+10.0", "≥ 12", "no"],
      ["embedding", "16", "CNN, random init", "+10.0", "> 0", "yes"],
      ["embedding", "16", "brand-new", "0.0", "> 0", "no"],
      ["embedding", "16", "Pixels, 8 × 8", "−10.0", "> 0", "no"],
      ["embedding", "16", "K-means patches (Coates et al. 2011), K = 32", "−10.0", "> 0", "no"],
      ["embedding", "16", "PCA-128 of random leaves (DenseJoin and AvgJoin)", "−10.0", "> 0", "no"],
      ["leaf outputs", "32", "its random init's", "+15.0", "≥ 10", "by the difference alone"],
    ],
  );
  assertEquals(rows.filter(([type]) => type === "CNN").length, 6);
  assertStringIncludes(section, "**Not met:** of 7 comparisons, 2 reach it, 1 with all of the 95% interval.");
  assertStringIncludes(section, "fitted on [80](#leaf-probe-dense-join-0) training images");
});

Deno.test("a control of another width is not held against a row, and without leaf outputs the bar is not met", async () => {
  await using report = await written(one, { change: (sources) => ({ ...sources, leafProbes: [] }) });
  const section = report.text.split("## What training added")[1].split("## Verdict")[0];
  assert(!section.includes("Pixels"));
  assertStringIncludes(section, "Its leaf outputs were not judged here");
});

Deno.test("the cost of a training is 2 · multiply-adds · images · passes, by area where a model cannot be counted", async () => {
  await using report = await written(one);
  // 3 · (2 + 2 · (13/32)²) + 2 passes over 1,500 images of 1,234,567 multiply-adds
  const count = 2 * 1_234_567 * 1_500 * (3 * (2 + 2 * (13 / 32) ** 2) + 2);
  assertStringIncludes(
    report.text,
    `| [1,500](#train-cnn-0) | ≈ ${flops(count)} | {{run train[cnn,0] seconds}} |`,
  );
  assertStringIncludes(report.text, `Together ${flops(3 * count)}.`);
});

Deno.test("the cost of a training counts every view at its own size where the architecture is known", async () => {
  const root = await Deno.makeTempDir();
  const made = await generate(root, { models: ["resnet50"], seeds: [0] });
  const trained = made.trained.map((each) => ({ ...each, meta: { ...each.meta, multiplyAdds: 83_410_944 } }));
  const run = { sources: { ...made, trained }, settings: { "train[resnet50,0]": { architecture: {} } } };
  // A view of 13 pixels costs 37.8% of one of 32, not (13/32)² = 16.5%.
  const count = 2 * 1_500 * (3 * (2 * 83_410_944 + 2 * 31_525_056) + 2 * 83_410_944);
  assertStringIncludes(computeTable(run)!, `| [1,500](#train-resnet50-0) | ${flops(count)} |`);
  await Deno.remove(root, { recursive: true });
});

Deno.test("deviations are listed, and views that are seen again", async () => {
  await using report = await written(one, { deviations: scaled });
  assertStringIncludes(report.text, "| train | `epochs` | 100 | 5 | all |");
  assertStringIncludes(report.text, "| umap | `neighbors` | 15 | 1, 2 | CNN |");
  assertStringIncludes(report.text, "over 5 epochs each view is seen up to 3 times");
});

Deno.test("captions count the leaves of each kind, and say where there is none", async () => {
  await using report = await written(one);
  assertStringIncludes(report.text, "consistent specialist [1](#saliency-dense-join-0)");
  assertStringIncludes(report.text, "No leaf is a generalist here.");
  assertStringIncludes(report.text, "Saliency maps of the most consistent specialist, leaf 0.");
  assertStringIncludes(report.text, "a row lays one leaf of each kind over the others");
  assertStringIncludes(report.text, "*Figure 3, CNN.* Gradients");
  assertStringIncludes(report.text, "through the net's only path");
});

Deno.test("leaves are counted for every tree and seed, with what a lesion costs", async () => {
  await using report = await written({ models: ["dense-join", "cnn"], seeds: [0, 1] });
  const rows = report.text.split("\n").filter((line) => line.includes("leaf 1: −3.4 (−4.4 to −2.4)"));
  assertEquals(rows.length, 2);
  assertStringIncludes(
    rows[1],
    "| DenseJoin | 1 | [2](#saliency-dense-join-1) | [1](#saliency-dense-join-1)",
  );
  assertStringIncludes(rows[0], "[0.12 (0.09)](#saliency-dense-join-0)");
});

Deno.test("what is left of the maps of random layers is told for every model", async () => {
  await using report = await written(one);
  assertStringIncludes(report.text, "![Similarity of saliency maps to the trained ones");
  assertStringIncludes(
    report.text,
    "| `leaves.conv1` | [0.20](#saliency-cnn-0) | [−0.10](#saliency-cnn-0) |",
  );
  assertStringIncludes(
    report.text,
    "| CNN | [0.70](#saliency-cnn-0) | [0.60](#saliency-cnn-0) | [2.0%](#saliency-cnn-0) |",
  );
});

Deno.test("layouts of several UMAP seeds are given by mean and range", async () => {
  await using report = await written(one);
  assertStringIncludes(report.text, "[0.750 (0.700 to 0.800)](#umap-dense-join-0)");
  assertStringIncludes(report.text, "They are means over [2](#umap-dense-join-0) layouts");
});

Deno.test("a row with BatchNorm is marked, and only where there is one is its caveat printed", async () => {
  await using without = await written(one);
  assert(!without.text.includes("BatchNorm"));
  await using report = await written({ ...one, models: ["cnn", "resnet50"] });
  assertStringIncludes(report.text, "\n| CNN | ");
  assertStringIncludes(report.text, "\n| ResNet50 † | ");
  assertStringIncludes(report.text, "\n\n† With BatchNorm.");
  assertStringIncludes(report.text, "\n- ResNet50 has BatchNorm");
});

Deno.test("the entropy of a teacher that says nothing is the logarithm of the prototypes it was asked for", async () => {
  await using report = await written(one);
  assertStringIncludes(report.text, "the teacher's entropy comes to ln 1,024 = 6.93,");
});

Deno.test("a run of BYOL has no entropy to come to, and its caption none either", async () => {
  const change = (sources: Sources): Sources => ({
    ...sources,
    trained: sources.trained.map((each) => ({ ...each, meta: { ...each.meta, method: "byol" } })),
  });
  await using report = await written(one, { change });
  assertStringIncludes(
    report.text,
    "A run that collapses shows it here: the spread of the embeddings falls to zero.",
  );
  assert(!report.text.includes("ln 1,024"));
});

Deno.test("the graph joins every task to what it reads at its own model and seed, and the last ones to the report", async () => {
  await using report = await written({ models: ["cnn", "dense-join"], seeds: [0, 1] });
  const edges = report.text.split("\n").filter((line) => line.includes(" --> ")).map((line) => line.trim());
  const into = (node: string) =>
    edges.filter((edge) => edge.endsWith(`--> ${node}`)).map((edge) => edge.split(" ")[0]);
  assertEquals(into("train_cnn_1"), ["download", "augment_cache_1"]);
  assertEquals(into("saliency_dense_join_0"), ["download", "ema_teacher_dense_join_0"]);
  assertEquals(into("umap_cnn_1"), ["ema_teacher_cnn_1"]);
  assertEquals(into("report").length, 5 * 4 + 2); // probe, leaf-probe, saliency, umap, curve; two controls
});

Deno.test("a log without a column that is drawn is an error that names it", async () => {
  const root = await Deno.makeTempDir();
  const sources = await generate(root, { models: ["cnn"], seeds: [0] });
  await Deno.writeTextFile(join(sources.trained[0].dir, "log.csv"), "images,loss\n1,2\n");
  await assertRejects(
    () => writeReport(root, { profile: "quick", sources, settings: settingsFor(sources), deviations: [] }),
    Error,
    "log.csv has no column teacher_entropy, kl, feature_sd",
  );
  await Deno.remove(root, { recursive: true });
});

/** A heading's anchor, as GitHub makes it. */
function slug(heading: string): string {
  return heading.toLowerCase().replace(/[^a-z0-9 -]/g, "").replaceAll(" ", "-");
}
