/**
 * The rules of all stages: a new stage adds its own to the table.
 *
 * @module
 */
import {
  controlRules,
  curveRules,
  layerProbeRules,
  probeRules,
  saliencyRules,
  umapRules,
} from "./judging.ts";
import type { Fault, Known, Network, Rule } from "./rule.ts";
import { fitsImages, trainingRules, viewRules } from "./training_rules.ts";

export type { Fault, Known, Network } from "./rule.ts";

// deno-lint-ignore no-explicit-any -- of any stage
const RULES: Readonly<Record<string, readonly Rule<any>[]>> = {
  "augment-cache": viewRules,
  train: trainingRules,
  probe: probeRules,
  "layer-probe": layerProbeRules,
  curve: curveRules,
  saliency: saliencyRules,
  umap: umapRules,
  controls: controlRules,
};

/** First fault in the parameters of a task. */
export function faultOf(stage: string, params: unknown, known: Known): Fault | undefined {
  return wrongSeed(params, stage) ?? firstOf(RULES[stage] ?? [], (rule) => rule(params, known));
}

/** First fault in the models: one whose strides do not fit the data set's images. */
export function faultOfModels(networks: Readonly<Record<string, Network>>): Fault | undefined {
  return firstOf(
    Object.entries(networks),
    ([model, { encoder: { pathways } }]) => pathways && fitsImages(model, pathways),
  );
}

/** Largest seed: random streams are numbered by 32-bit words, so a larger seed repeats a smaller one. */
export const LARGEST_SEED = 2 ** 32 - 1;

/** Refuses a seed that is too large, and two equal ones, which would count as two draws. */
function wrongSeed(params: unknown, path: string): Fault | undefined {
  return firstOf(Object.entries(params ?? {}), ([name, value]) => {
    const field = `${path}.${name}`;
    if (!/seeds?$/i.test(name)) {
      return value?.constructor === Object ? wrongSeed(value, field) : undefined;
    }
    const seeds = [value].flat().filter((seed) => typeof seed === "number");
    if (seeds.some((seed) => seed > LARGEST_SEED)) {
      return { field, found: value, expected: `at most ${LARGEST_SEED}, the largest of 32 bits` };
    }
    return new Set(seeds).size === seeds.length
      ? undefined
      : { field, found: value, expected: "every seed once" };
  });
}

function firstOf<T>(items: readonly T[], find: (item: T) => Fault | undefined): Fault | undefined {
  for (const item of items) {
    const fault = find(item);
    if (fault) return fault;
  }
}
