import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import type { Artifact } from "../../pipeline/types.ts";
import { readCsv } from "../../stages/formats/csv.ts";
import { computeTable } from "../../stages/report/sections/compute.ts";
import { flops } from "../../stages/formats/written_numbers.ts";
import { graphDiagram } from "../../stages/report/sections/provenance.ts";
import { type Sources } from "../../stages/report/read/sources.ts";
import { writeReport } from "../../stages/report/run.ts";
import { generate, settingsFor } from "./generated.ts";
import { asControl, graph, one, scaled, sections, written } from "./written.ts";

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
    () =>
      writeReport(
        root,
        { profile: "quick", sources, settings: settingsFor(sources), graph, deviations: [] },
        sections,
      ),
    Error,
    "log.csv has no column teacher_entropy, kl, feature_sd",
  );
  await Deno.remove(root, { recursive: true });
});

Deno.test("a stage of somebody's own stands in the graph with what it reads, and is read by the report", () => {
  const artifact = (task: string) =>
    ({ task, point: {}, digest: "0".repeat(64), files: {} }) as unknown as Artifact<unknown>;
  const diagram = graphDiagram({
    sources: { download: [artifact("download")], norms: [artifact("norms")] } as unknown as Sources,
    graph: [{ stage: "download", reads: [] }, { stage: "norms", reads: ["download"] }],
  });
  assertStringIncludes(diagram, "download --> norms");
  assertStringIncludes(diagram, "norms --> report");
});
