/**
 * The composition root: the one place that knows both the engine and the stages. It finds stages and models by name,
 * so that a new one is a new file plus its name in a profile; this is the only module that may import by a computed
 * name, and it is part of no stage's code.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import {
  type AnyStage,
  begins,
  checkedTasks,
  type Command,
  freshArtifacts,
  type Json,
  loadProfile,
  main,
  openOutput,
  outlookOf,
  parseParameters,
  type Pipeline,
  type ProfileData,
  profileSchema,
  said,
  suggestion,
  UsageError,
  withUpstream,
} from "../pipeline/mod.ts";
import { archive } from "./archive_policy/policy.ts";
import { BACKENDS, bestBackend, openBackend } from "./backends/mod.ts";
import { type Fault, faultOf, faultOfModels, type Known, LARGEST_SEED, type Network } from "./rules/mod.ts";
import type { AugmentRecipe } from "../treenet/augment/recipe.ts";
import { loadModel, modelNames } from "../treenet/models.ts";
import { declaredSections, graphOf, recipeOf, upstreamOf, withSections } from "./with_sections.ts";

const header = z.strictObject({
  $schema: z.string().optional().describe("Path of the JSON schema, for editors"),
  summary: z.string().describe("One line: what this experiment is"),
  seeds: z.array(z.int().min(0).max(LARGEST_SEED)).min(1)
    .refine((seeds) => new Set(seeds).size === seeds.length, "expected every seed once")
    .describe("Every model is trained once with each of them"),
  models: z.record(z.string(), z.record(z.string(), z.unknown()))
    .refine((models) => Object.keys(models).length > 0, "expected at least one model")
    .superRefine((models, context) => {
      const known = modelNames();
      const unknown = Object.keys(models).find((name) => !known.includes(name));
      if (unknown === undefined) return;
      const message = `there is no model "${unknown}"${suggestion(unknown, known)}`;
      context.addIssue({ code: "custom", path: [unknown], message });
    })
    .describe("Model → its architecture"),
});

type Header = z.infer<typeof header>;

/** The workflow of this repository. */
export const pipeline: Pipeline = {
  root: fileURLToPath(new URL("../", import.meta.url)),
  module: "workflow/mod.ts",
  header,
  stages: stageNames,
  load: loadStage,
  axes: (profile) => ({ model: modelsOf(profile), seed: headerOf(profile).seeds }),
  replicates: ["seed"],
  facts: networksOf,
  extras: (stage, { model }, from) => ({
    ...(loadsModels(stage) ? architectures(stage, headerOf(from.profile).models, model) : {}),
    // What is published says which profile it is of, and quotes the settings of all that led to it.
    ...(stage.publish ? toldOf(stage, from) : {}),
  }),
  check: (tasks, { name, facts }) => {
    const networks = facts as Networks;
    const refuse = (fault: Fault | undefined) => {
      if (fault) throw new UsageError(`Cannot parse profile "${name}": ${inWords(fault)}`);
    };
    refuse(faultOfModels(networks));
    for (const task of tasks) {
      const of: Known["of"] = (stage) =>
        [...withUpstream([task])].find((other) => other.stage.name === stage)!.params as never;
      refuse(faultOf(task.stage.name, task.params, { of, networks }));
    }
  },
  refuses: async ({ stage }, artifact, tasks) => {
    if (stage.name !== "download") return undefined;
    const { faultOfData } = await import("./rules/data.ts");
    const fault = await faultOfData(artifact, tasks);
    return fault && `it does not go with the profile: ${inWords(fault)}`;
  },
  schema: async () =>
    profileSchema({
      header,
      stages: await Promise.all(stageNames().map(loadStage)),
      given: (stage) => [
        ...stage.axes,
        ...(loadsModels(stage) ? [stage.axes.includes("model") ? "architecture" : "models"] : []),
        ...(stage.publish ? ["profile", "settings", "graph", "viewCosts", "recipe"] : []),
      ],
      details: { models: await modelSchemas() },
    }),
  archive,
  backends: BACKENDS,
  backend: openBackend,
  best: bestBackend,
  commands: {
    describe: describeCommand,
    predict: predictCommand,
    "setup:tensorflow": async () => (await import("./backends/tensorflow/setup_command.ts")).setupTensorflow,
    doctor: async () => (await import("./commands/doctor/doctor_command.ts")).doctor,
  },
};

function inWords({ field, found, expected }: Fault): string {
  return `${field} is ${JSON.stringify(found)}, expected ${expected}`;
}

/** A stage has models for modules; what is published has sections instead. */
function loadsModels({ modules, publish }: AnyStage): boolean {
  return modules !== undefined && publish !== true;
}

function toldOf(stage: AnyStage, { name, facts, upstream }: Parameters<Pipeline["extras"]>[2]) {
  const stages = new Set(Object.keys(upstream).map((task) => task.split("[")[0]));
  return {
    profile: name,
    settings: upstream,
    graph: graphOf(stage, stages),
    viewCosts: viewCosts(facts as Networks, upstream),
    recipe: recipeOf(upstreamOf(stage, stages)),
  };
}

/** A stage that loads models is told the architecture of its own, or of all where it has no axis of models. */
function architectures(
  stage: AnyStage,
  models: Header["models"],
  model: string | number,
): Record<string, Json> {
  return stage.axes.includes("model") ? { architecture: models[model] as Json } : { models: models as Json };
}

type Networks = Readonly<Record<string, Network>>;

/** Multiply-adds of every model's encoder on a view, by the side of the views that trainings see. */
function viewCosts(networks: Networks, upstream: Readonly<Record<string, Json>>): Record<string, Json> {
  const crops = Object.entries(upstream).filter(([task]) => task.startsWith("augment-cache["))
    .flatMap(([, params]) => {
      const { globals, locals } = params as unknown as AugmentRecipe;
      return [globals.size, locals.size];
    });
  const sizes = [...new Set(crops)];
  return Object.fromEntries(
    Object.entries(networks).map(([model, { encoder }]) => [
      model,
      Object.fromEntries(sizes.map((size) => [size, encoder.multiplyAdds(size)])),
    ]),
  );
}

/** The profile's models, their sections parsed. */
async function networksOf(profile: ProfileData, name: string): Promise<Networks> {
  const networks: Record<string, Network> = {};
  for (const [model, architecture] of Object.entries(headerOf(profile).models)) {
    const { config: schema, build, control = false } = await loadModel(model);
    const place = { source: `profile "${name}"`, path: `models.${model}` };
    const config = parseParameters(schema, architecture, place);
    networks[model] = { config: config as Network["config"], encoder: build(config), control };
  }
  return networks;
}

function headerOf(profile: ProfileData): Header {
  return profile as unknown as Header;
}

function modelsOf(profile: ProfileData): string[] {
  return Object.keys(headerOf(profile).models);
}

async function modelSchemas(): Promise<Record<string, z.ZodType>> {
  const schemas: Record<string, z.ZodType> = {};
  for (const name of modelNames()) schemas[name] = (await loadModel(name)).config;
  return schemas;
}

const published = new Map<AnyStage, Promise<AnyStage>>();

async function loadStage(name: string): Promise<AnyStage> {
  const { default: stage } = await import(`../stages/${name.replaceAll("-", "_")}/mod.ts`);
  if (!stage.publish) return stage;
  if (!published.has(stage)) published.set(stage, withDeclared(stage));
  return await published.get(stage)!;
}

async function withDeclared(stage: AnyStage): Promise<AnyStage> {
  return withSections(stage, await declaredSections(stageNames()));
}

/** Names of the folders that declare a stage and have the module that it runs. */
function stageNames(): string[] {
  const folder = new URL("../stages/", import.meta.url);
  return [...Deno.readDirSync(folder)]
    .filter(({ name, isDirectory }) =>
      isDirectory && ["mod.ts", "run.ts"].every((file) => existsSync(new URL(`${name}/${file}`, folder)))
    )
    .map(({ name }) => name.replaceAll("_", "-"))
    .sort();
}

async function describeCommand(): Promise<Command> {
  const { describe, sizesTable } = await import("./commands/describe/mod.ts");
  const { timesTable, timeUnits } = await import("./commands/describe/times.ts");
  return {
    summary: "Print the size of every model of a profile, and how long the profile takes on this machine",
    details: [
      "Times are those of earlier runs here, scaled to the profile; where there is none of a stage and model, one real",
      "step or batch is timed and remembered for the plans of later runs. They are of a run from nothing.",
    ],
    flags: {
      profile: { type: "text", value: "P", help: "profile to use, P or profiles/P.json (default quick)" },
      set: { type: "list", value: "K=V", help: "override a field of the profile; may be repeated" },
      backend: {
        type: "text",
        value: "B",
        help: `numeric backend, ${pipeline.backends.join(", ")} or auto (default ${pipeline.backends[0]})`,
      },
      sizes: { type: "switch", help: "sizes alone, without times" },
      times: { type: "switch", help: "times alone" },
      json: {
        type: "switch",
        help:
          "of sizes, an array of {model, encoderParameters, parametersWithHead, multiplyAdds}; with --times, " +
          "{backend, seconds, tasks}",
      },
    },
    run: async (pipeline, { text, lists, on }) => {
      const options = { profile: text.profile ?? "quick", overrides: lists.set, backend: text.backend };
      const profile = await loadProfile(pipeline, { name: options.profile, overrides: lists.set });
      await checkedTasks(pipeline, profile);
      const { data } = profile;
      if (!on.times) {
        const sizes = await describe({
          models: headerOf(data).models,
          train: data.train as Record<string, Json>,
        });
        console.log(on.json ? JSON.stringify(sizes, null, 2) : sizesTable(sizes));
      }
      if (on.times || !(on.sizes || on.json)) {
        const jobs = navigator.hardwareConcurrency;
        const outlook = await outlookOf(pipeline, { ...options, jobs, time: timeUnits });
        console.log(on.json ? JSON.stringify(outlook, null, 2) : timesTable(outlook));
      }
      return 0;
    },
  };
}

/** The teacher and the probe of one model and seed look at somebody's picture. */
async function predictCommand(): Promise<Command> {
  const { run } = await import("./commands/predict/run.ts");
  const { isMarked, MARKED_BYTES } = await import("./commands/predict/mark.ts");
  return {
    summary: "Classify a picture of your own: probabilities, saliency of the leaves, nearest training images",
    names: { usage: "IMAGE.png", least: 1, most: 1, paths: true },
    flags: {
      profile: {
        type: "text",
        value: "P",
        help: "profile whose networks to ask, P or profiles/P.json (default quick)",
      },
      model: { type: "text", value: "M", help: "model of the profile (default its first)" },
      seed: { type: "text", value: "S", help: "seed of the profile (default its first)" },
      out: { type: "path", value: "FILE", help: "picture to write (default prediction.png)" },
      backend: {
        type: "text",
        value: "B",
        choices: pipeline.backends,
        help: `numeric backend (default ${pipeline.backends[0]})`,
      },
      json: { type: "switch", help: "write probabilities and neighbours as JSON to stdout" },
    },
    run: async (pipeline, { names: [image], text, on, here }) => {
      const out = await openOutput(text.out ?? join(here, "prediction.png"), {
        root: pipeline.root,
        inputs: [image],
        kind: "picture of predict",
        isOurs: (path) => begins(path, MARKED_BYTES, isMarked),
      });
      const profile = text.profile ?? "quick";
      const { data: fields } = await loadProfile(pipeline, { name: profile, overrides: [] });
      const { model, seed } = pointIn(fields, text);
      const point = `[${model},${seed}]`;
      const names = [`ema-teacher${point}`, `probe${point}`, "download"];
      const [teacher, probe, data] = await freshArtifacts(pipeline, { profile, names });
      await run({
        image,
        out: { name: said(here, out.path), write: out.write },
        teacher,
        probe,
        data,
        model: await loadModel(model),
        backend: await openBackend(text.backend ?? pipeline.backends[0]),
        json: on.json,
      });
      return 0;
    },
  };
}

/** The model and the seed that were asked for, or else the profile's first. */
function pointIn(
  profile: ProfileData,
  wanted: { readonly model?: string; readonly seed?: string },
): { readonly model: string; readonly seed: string } {
  const chosen = (axis: "model" | "seed", values: readonly string[]) => {
    const value = wanted[axis] ?? values[0];
    if (values.includes(value)) return value;
    throw new UsageError(
      `Cannot predict with ${axis} "${value}": the profile has no such ${axis}${suggestion(value, values)}`,
    );
  };
  return {
    model: chosen("model", modelsOf(profile)),
    seed: chosen("seed", headerOf(profile).seeds.map(String)),
  };
}

if (import.meta.main) Deno.exit(await main(pipeline, Deno.args));
