/** The composition root of the benchmark's graph, whose stages are as trivial as the steps that its peers are given. */
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { main, type Pipeline } from "../../../../pipeline/mod.ts";
import { type AnyStage, defineStage } from "../../../../pipeline/stage.ts";
import type { run } from "./pass_on.ts";
import { STEPS } from "./rerun_steps.ts";

const LAST = STEPS.at(-1)!.name;

/** The stages by name. An edit of `report.ts` makes the last one stale and no other. */
const stages = STEPS.reduce<Readonly<Record<string, AnyStage>>>((before, { name, inputs }) => ({
  ...before,
  [name]: defineStage<typeof run>({
    name,
    run: new URL(name === LAST ? "./report.ts" : "./pass_on.ts", import.meta.url).href,
    axes: [],
    inputs: Object.fromEntries(inputs.map((input) => [input, before[input]])),
    params: z.object({ name: z.string().default(name) }),
    outputs: [`${name}.txt`],
  }),
}), {});

const pipeline: Pipeline = {
  root: fileURLToPath(new URL("../../../../", import.meta.url)),
  module: "tools/bench/peers/rerun/mod.ts",
  header: z.object({ summary: z.string() }),
  stages: () => Object.keys(stages),
  load: (name) => Promise.resolve(stages[name]),
  axes: () => ({}),
  extras: () => ({}),
  check: () => Promise.resolve(),
  schema: () => Promise.resolve({}),
  backends: ["one"],
  backend: (name) => Promise.resolve({ name, environment: { backend: `${name} 1.0` } }),
  commands: {},
};

if (import.meta.main) Deno.exit(await main(pipeline, Deno.args));
