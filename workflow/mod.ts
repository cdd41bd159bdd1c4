/**
 * The composition root: the one place that knows both the engine and the stages. It finds stages and models by name,
 * so that a new one is a new file plus its name in a profile; this is the only module that may import by a computed
 * name, and it is part of no stage's code.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import {
  type AnyStage,
  type Json,
  main,
  parseParameters,
  type Pipeline,
  type ProfileData,
  profileSchema,
  UsageError,
  withUpstream,
} from "../pipeline/mod.ts";
import { archive } from "./archive_policy/policy.ts";
import { BACKENDS, bestBackend, openBackend } from "./backends/mod.ts";
import { type Fault, faultOf, faultOfModels, type Known, LARGEST_SEED, type Network } from "./rules/mod.ts";
import { methods, type TrainParams } from "../stages/train/params.ts";
import type { AugmentRecipe } from "../treenet/augment/recipe.ts";
import { loadModel, modelNames } from "../treenet/models.ts";
import { expanded } from "./sweeps.ts";
import { checkVariants, merged, modelsField, modelsSchema, type Variant, variantsOf } from "./variants.ts";
import { declaredSections, graphOf, recipeOf, upstreamOf, withSections } from "./with_sections.ts";

const header = z.strictObject({
  $schema: z.string().optional().describe("Path of the JSON schema, for editors"),
  summary: z.string().describe("One line: what this experiment is"),
  seeds: z.array(z.int().min(0).max(LARGEST_SEED)).min(1)
    .refine((seeds) => new Set(seeds).size === seeds.length, "expected every seed once")
    .describe("Every model is trained once with each of them"),
  models: modelsField,
});

type Header = z.infer<typeof header>;

/** The workflow of this repository. */
export const pipeline: Pipeline = {
  root: fileURLToPath(new URL("../", import.meta.url)),
  module: "workflow/mod.ts",
  header,
  stages: stageNames,
  load: loadStage,
  axes: (profile) => ({ model: Object.keys(headerOf(profile).models), seed: headerOf(profile).seeds }),
  leavesOut: (profile) => {
    const variants = variantsIn(profile);
    return ({ name }, { model, seed }) => {
      const { seeds, without = [] } = variants[model] ?? {};
      return without.includes(name) || (seed !== undefined && seeds?.includes(Number(seed)) === false);
    };
  },
  section: (profile, { name }, { model }) => {
    const changes = variantsIn(profile)[model]?.sections[name];
    const value = profile[name];
    return changes === undefined
      ? { value, path: name }
      : { value: merged(value, changes), path: `models.${model}.${name}` };
  },
  sweep: async (profile, sweeps) =>
    await expanded(profile, sweeps, await Promise.all(stageNames().map(loadStage))),
  replicates: ["seed"],
  facts: networksOf,
  extras: (stage, { model }, from) => ({
    ...(loadsModels(stage) ? architectures(stage, variantsIn(from.profile), model) : {}),
    ...(HEADED.includes(stage.name) ? headsOf(from.upstream) : {}),
    // A published artifact names its profile and quotes the settings of all tasks that led to it.
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
        ...(HEADED.includes(stage.name) ? ["method", "heads"] : []),
        ...(loadsModels(stage) ? stage.axes.includes("model") ? ["type", "architecture"] : ["models"] : []),
        ...(stage.publish ? ["profile", "sweep", "settings", "graph", "viewCosts", "recipe"] : []),
      ],
      details: { models: modelsSchema(await modelSchemas(), await perModel(stageNames())) },
    }),
  archive,
  backends: BACKENDS,
  backend: openBackend,
  best: bestBackend,
  commands: {
    describe: async () => (await import("./commands/describe/describe_command.ts")).describe,
    predict: async () => (await import("./commands/predict/predict_command.ts")).predict,
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

function toldOf(stage: AnyStage, { name, profile, facts, upstream }: Parameters<Pipeline["extras"]>[2]) {
  const stages = new Set(Object.keys(upstream).map((task) => task.split("[")[0]));
  return {
    profile: name,
    sweep: profile.sweep ?? [],
    settings: upstream,
    graph: graphOf(stage, stages),
    viewCosts: viewCosts(facts as Networks, upstream),
    recipe: recipeOf(upstreamOf(stage, stages)),
  };
}

/**
 * A stage that loads models is told type and architecture of its own or, where it has no axis of models, of all that bear
 * their type's name: the study of a type has one set of controls.
 */
function architectures(
  stage: AnyStage,
  variants: Readonly<Record<string, Variant>>,
  model: string | number,
): Record<string, Json> {
  const told = ({ type, architecture }: Variant) => ({ type, architecture });
  if (stage.axes.includes("model")) return told(variants[model]);
  const standard = Object.entries(variants).filter(([name, { type }]) => name === type);
  return { models: Object.fromEntries(standard.map(([name, each]) => [name, told(each)])) };
}

const known = new WeakMap<ProfileData, Readonly<Record<string, Variant>>>();

function variantsIn(profile: ProfileData): Readonly<Record<string, Variant>> {
  return known.getOrInsertComputed(profile, () => variantsOf(headerOf(profile).models, stageNames()));
}

/** Those of the named stages that have a task for every model. */
async function perModel(names: readonly string[]): Promise<readonly string[]> {
  const stages = await Promise.all(names.map(loadStage));
  return stages.filter(({ axes }) => axes.includes("model")).map(({ name }) => name);
}

/** Stages that look at the heads of a training, and are told its method with that method's own fields. */
const HEADED = ["layer-probe"];

function headsOf(upstream: Readonly<Record<string, Json>>): Record<string, Json> {
  const [, params] = Object.entries(upstream).find(([task]) => task.startsWith("train["))!;
  const { method } = params as unknown as TrainParams;
  return { method, heads: methods[method].config.parse(params) as Json };
}

type Networks = Readonly<Record<string, Network>>;

/** Multiply-adds of every model's encoder on a view, by the side of the views that trainings see. */
function viewCosts(networks: Networks, upstream: Readonly<Record<string, Json>>): Record<string, Json> {
  const recipes = Object.entries(upstream).flatMap(([task, params]) => {
    if (task.startsWith("augment-cache[")) return params as unknown as AugmentRecipe;
    return task.startsWith("train[") ? (params as unknown as TrainParams).views ?? [] : [];
  });
  const sizes = recipes.flatMap(({ globals, locals }) => [globals.size, locals.size]);
  const costs = ({ encoder }: Network) =>
    Object.fromEntries(sizes.map((size) => [size, encoder.multiplyAdds(size)]));
  return Object.fromEntries(Object.entries(networks).map(([model, network]) => [model, costs(network)]));
}

/** The profile's models, their sections parsed. */
async function networksOf(profile: ProfileData, name: string): Promise<Networks> {
  const networks: Record<string, Network> = {};
  const variants = variantsIn(profile);
  const stages = stageNames().filter((stage) => stage in profile);
  checkVariants(variants, { name, seeds: headerOf(profile).seeds, perModel: await perModel(stages) });
  for (const [model, { type, architecture }] of Object.entries(variants)) {
    const { config: schema, build, control = false } = await loadModel(type);
    const place = { source: `profile "${name}"`, path: `models.${model}` };
    const config = parseParameters(schema, architecture, place);
    networks[model] = { config: config as Network["config"], encoder: build(config), control };
  }
  return networks;
}

function headerOf(profile: ProfileData): Header {
  return profile as unknown as Header;
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
  const declare = async () => withSections(stage, await declaredSections(stageNames()));
  if (!published.has(stage)) published.set(stage, declare());
  return await published.get(stage)!;
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

if (import.meta.main) Deno.exit(await main(pipeline, Deno.args));
