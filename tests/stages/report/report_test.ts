import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import paper from "../../../profiles/paper.json" with { type: "json" };
import type { AnyStage, Artifact, Context, Json } from "../../../pipeline/stage.ts";
import augmentCache from "../../../stages/augment_cache/mod.ts";
import controls from "../../../stages/controls/mod.ts";
import curve from "../../../stages/curve/mod.ts";
import download from "../../../stages/download/mod.ts";
import emaTeacher from "../../../stages/ema_teacher/mod.ts";
import ensemble from "../../../stages/ensemble/mod.ts";
import layerProbe from "../../../stages/layer_probe/mod.ts";
import probe from "../../../stages/probe/mod.ts";
import report from "../../../stages/report/mod.ts";
import { run as runReport } from "../../../stages/report/run.ts";
import type { ReportParams } from "../../../stages/report/params.ts";
import { recipeOf } from "../../../stages/report/read/paper.ts";
import { recipeOf as recipeFor } from "../../../workflow/with_sections.ts";
import type { Settings } from "../../../stages/report/read/settings.ts";
import { type Sources, stageOf } from "../../../stages/report/read/sources.ts";
import { pipeline } from "../../../workflow/mod.ts";
import saliency from "../../../stages/saliency/mod.ts";
import type { Model } from "../../../treenet/nn/types.ts";
import train from "../../../stages/train/mod.ts";
import { graphOf } from "../../../workflow/with_sections.ts";
import umap from "../../../stages/umap/mod.ts";
import { generate } from "./generated.ts";
import { graph, modules } from "./written.ts";

const stages: readonly AnyStage[] = [
  download,
  augmentCache,
  train,
  emaTeacher,
  probe,
  layerProbe,
  controls,
  ensemble,
  curve,
  saliency,
  umap,
];
const wanted = { models: Object.keys(paper.models), seeds: [0] };
const recipe = recipeOf(recipeFor(stages) as ReportParams["recipe"]);

/** Parameters of every task in the paper profile, through the schemas of the stages, changed by `change`. */
function byRecipe(
  sources: Sources,
  change: (stage: string, params: Json) => Json = (_, params) => params,
): Settings {
  return Object.fromEntries(
    Object.values(sources).flat().map((artifact) => {
      const name = stageOf(artifact);
      const stage = stages.find((stage) => stage.name === name)!;
      const section = (paper as unknown as Readonly<Record<string, object>>)[name];
      const given = { ...section, ...artifact.point, ...architecturesFor(stage, artifact.point.model) };
      return [artifact.task, change(name, stage.params.parse(given))];
    }),
  );
}

/**
 * Architectures that a stage which loads models gets: that of its own model, or all where it has no model.
 */
function architecturesFor(
  { axes, modules }: Pick<AnyStage, "axes" | "modules">,
  model: string | number,
): { readonly [name: string]: Json } {
  if (modules === undefined) return {};
  return axes.includes("model")
    ? { type: String(model), architecture: paper.models[model as keyof typeof paper.models] }
    : {
      models: Object.fromEntries(
        Object.entries(paper.models).map(([type, architecture]) => [type, { type, architecture }]),
      ),
    };
}

async function run(
  root: string,
  sources: Sources,
  asked: { readonly profile: string; readonly settings: Settings },
) {
  const out = await Deno.makeTempDir({ dir: root });
  const context: Context = {
    out,
    scratch: root,
    signal: new AbortController().signal,
    cores: 1,
    backend: "cpu",
    hints: {},
    modules,
    progress: () => {},
    record: () => {},
  };
  // Only what a report reads is generated; the stages' own results hold more.
  const meta = await runReport(
    context,
    report.params.parse({ ...asked, graph, recipe: recipeFor(stages) }),
    sources as never,
  );
  return { meta, text: await Deno.readTextFile(join(out, "REPORT.md")) };
}

Deno.test("a run with the parameters of the paper profile has no deviation and is not scaled down", async () => {
  const root = await Deno.makeTempDir();
  const sources = await generate(root, wanted);
  const { meta, text } = await run(root, sources, { profile: "paper", settings: byRecipe(sources) });
  assertEquals(meta, {
    models: wanted.models.toSorted(inTheTable),
    seeds: [0],
    scaledDown: false,
    deviations: 0,
  });
  assertStringIncludes(text, "## Deviations from the recipe\n\nMade by");
  assertStringIncludes(text, "\n\nNone.\n");
  await Deno.remove(root, { recursive: true });
});

Deno.test("one changed field is one deviation for all models, and scales the run down", async () => {
  const root = await Deno.makeTempDir();
  const shorter = (stage: string, params: Json) =>
    stage === "train" ? { ...params as { readonly [name: string]: Json }, epochs: 3 } : params;
  const sources = await generate(root, wanted);
  const { meta, text } = await run(root, sources, { profile: "mine", settings: byRecipe(sources, shorter) });
  assertEquals([meta.scaledDown, meta.deviations], [true, 1]);
  assert(text.startsWith("**Scaled down"));
  assertStringIncludes(text, "| train | `epochs` | 100 | 3 | all |");
  await Deno.remove(root, { recursive: true });
});

Deno.test("a parameter that changes no artifact changes the report, and the keys of artifacts say nothing to it", async () => {
  const root = await Deno.makeTempDir();
  const sources = await generate(root, wanted);
  const colder = (stage: string, params: Json) =>
    stage === "probe" ? { ...params as { readonly [name: string]: Json }, temperature: 0.05 } : params;
  const before = await run(root, sources, { profile: "paper", settings: byRecipe(sources) });
  const after = await run(root, sources, { profile: "paper", settings: byRecipe(sources, colder) });
  assert(!before.text.includes("`temperature`"));
  assertStringIncludes(after.text, "| probe | `temperature` | 0.07 | 0.05 | all |");
  const withoutKey = (artifact: Artifact<unknown>) => ({ ...artifact, key: null });
  const keyless = Object.entries(sources).map(([name, list]) => [name, list.map(withoutKey)]);
  const otherKeys = Object.fromEntries(keyless) as unknown as Sources;
  const third = await run(root, otherKeys, { profile: "paper", settings: byRecipe(sources) });
  assertEquals(third.text, before.text);
  await Deno.remove(root, { recursive: true });
});

Deno.test("a task without settings is an error that names it", async () => {
  const root = await Deno.makeTempDir();
  const sources = await generate(root, wanted);
  const { "probe[cnn,0]": _, ...settings } = byRecipe(sources);
  await assertRejects(
    () => run(root, sources, { profile: "paper", settings }),
    Error,
    "Cannot hold probe[cnn,0] against the recipe",
  );
  await Deno.remove(root, { recursive: true });
});

Deno.test("the recipe is what the stages' own schemas make of the paper profile", () => {
  for (const { name, axes, modules, params } of stages) {
    const section = (paper as unknown as Readonly<Record<string, object>>)[name];
    const point = Object.fromEntries(axes.map((axis) => [axis, axis === "model" ? "cnn" : 0]));
    const architectures = architecturesFor({ axes, modules }, "cnn");
    const asked = { ...section, ...point, ...architectures };
    assertEquals(recipe({ stage: name, point, params: architectures }), params.parse(asked), name);
  }
});

Deno.test("the graph of a report has every stage after those it reads, as the stages declare them", () => {
  assertEquals(graph.map(({ stage }) => stage), stages.map(({ name }) => name));
  for (const { stage, reads } of graph) {
    const { inputs } = stages.find(({ name }) => name === stage)!;
    const declared = Object.values(inputs as Readonly<Record<string, AnyStage>>).map(({ name }) => name);
    assertEquals(reads, declared, stage);
  }
});

Deno.test("a stage that the profile leaves out is neither in the graph nor among the sections", async () => {
  const stage = await pipeline.load("report");
  const names = Object.keys(paper).filter((name) => !["umap", "augment-cache"].includes(name));
  const without = graphOf(stage, new Set(names));
  assertEquals(without.find(({ stage }) => stage === "train"), { stage: "train", reads: ["download"] });
  assertEquals(Object.keys(stage.modules!({ graph: without })), [
    "curve",
    "ensemble",
    "layer-probe",
    "probe",
    "saliency",
    "train",
  ]);
});

Deno.test("a report may read the files that its sections name, and no weights", async () => {
  const { inputs, reads } = await pipeline.load("report");
  assertEquals(reads?.download, []);
  assertEquals(reads?.views, ["contact_sheet.png"]);
  assertEquals(reads?.trained, ["log.csv"]);
  for (const name of ["curve", "saliency", "umap"]) {
    assert(name in inputs && reads![name] === undefined, name);
  }
});

Deno.test("a model that the recipe does not have is compared in all but its architecture", () => {
  const point = { model: "brand-new", seed: 0 };
  const params = recipe({ stage: "train", point, params: { architecture: { leaves: 3 } } });
  assertEquals((params as { readonly [name: string]: Json }).architecture, {});
  assertEquals((params as { readonly [name: string]: Json }).epochs, 100);
});

Deno.test("what an architecture leaves out of a profile is what the paper profile says", async () => {
  for (const [name, architecture] of Object.entries(paper.models)) {
    const file = new URL(`../../../treenet/models/${name.replaceAll("-", "_")}.ts`, import.meta.url).href;
    const { config } = (await import(file)).default as Model;
    assertEquals(config.parse({}), config.parse(architecture), name);
  }
});

Deno.test("a stage that the paper profile lacks has no recipe", () => {
  assertEquals(recipe({ stage: "other", point: {}, params: {} }), undefined);
});

function inTheTable(a: string, b: string): number {
  const order = ["dense-join", "avg-join", "cnn", "resnet50", "random-leaves"];
  return order.indexOf(a) - order.indexOf(b);
}
