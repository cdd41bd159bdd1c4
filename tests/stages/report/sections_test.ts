import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import type { Artifact } from "../../../pipeline/stage.ts";
import { readCsv } from "../../../formats/csv.ts";
import { computeTable } from "../../../stages/report/sections/compute.ts";
import { flops } from "../../../formats/written_numbers.ts";
import { graphDiagram } from "../../../stages/report/sections/provenance.ts";
import { type Sources } from "../../../stages/report/read/sources.ts";
import { writeReport } from "../../../stages/report/run.ts";
import { generate, settingsFor } from "./generated.ts";
import { asControl, graph, one, sections, written } from "./written.ts";

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
  assertStringIncludes(section, "fitted on [80](#layer-probe-dense-join-0) training images");
});

Deno.test("a control of another width is not held against a row, and without leaf outputs the bar is not met", async () => {
  await using report = await written(one, { change: (sources) => ({ ...sources, layerProbes: [] }) });
  const section = report.text.split("## What training added")[1].split("## Verdict")[0];
  assert(!section.includes("Pixels"));
  assertStringIncludes(section, "Its leaf outputs were not judged here");
});

Deno.test("the cost of a training is 2 · multiply-adds · images · passes, at the size of each view", async () => {
  await using report = await written(one);
  // 3 · (2 global + 2 local views) + 2 global views of the teacher, of 1,500 images
  const count = 2 * 1_500 * (3 * (2 * 1_234_567 + 2 * 234_567) + 2 * 1_234_567);
  assertStringIncludes(
    report.text,
    `| [1,500](#train-cnn-0) | ${flops(count)} | {{run train[cnn,0] seconds}} |`,
  );
  assertStringIncludes(report.text, `Together ${flops(3 * count)}.`);
});

Deno.test("the cost of a training is left open where nobody counted its views", async () => {
  const root = await Deno.makeTempDir();
  const sources = await generate(root, { models: ["cnn"], seeds: [0] });
  assertStringIncludes(
    computeTable({ sources, viewCosts: {}, settings: {} })!,
    "| [1,500](#train-cnn-0) | – |",
  );
  await Deno.remove(root, { recursive: true });
});

Deno.test("the cost of a training with views of its own is counted on those", async () => {
  const root = await Deno.makeTempDir();
  const sources = await generate(root, { models: ["cnn"], seeds: [0] });
  const views = { globals: { count: 3, size: 64 }, locals: { count: 0, size: 13 } };
  const settings = { "train[cnn,0]": { views } };
  const text = computeTable({ sources, viewCosts: { cnn: { 64: 9_000_000, 32: 1, 13: 1 } }, settings })!;
  const count = 2 * 1_500 * (3 * 3 + 3) * 9_000_000;
  assertStringIncludes(text, `| [1,500](#train-cnn-0) | ${flops(count)} |`);
  await Deno.remove(root, { recursive: true });
});

Deno.test("without a net with BatchNorm no caveat of it is printed", async () => {
  await using report = await written(one);
  assert(!report.text.includes("BatchNorm"));
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
  assertEquals(into("report").length, 5 * 4 + 2); // probe, layer-probe, saliency, umap, curve; two controls
});

Deno.test("a log without a column that is drawn is an error that names it", async () => {
  const root = await Deno.makeTempDir();
  const sources = await generate(root, { models: ["cnn"], seeds: [0] });
  await Deno.writeTextFile(join(sources.trained[0].dir, "log.csv"), "images,loss\n1,2\n");
  await assertRejects(
    () =>
      writeReport(
        root,
        {
          profile: "quick",
          sources,
          sweep: [],
          settings: settingsFor(sources),
          graph,
          viewCosts: {},
          deviations: [],
        },
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
