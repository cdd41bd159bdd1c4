/**
 * The rules of every stage: a new stage adds its own to the table.
 *
 * @module
 */
import { controlRules, curveRules, leafProbeRules, probeRules, saliencyRules, umapRules } from "./judging.ts";
import type { Fault, Known, Network, Rule } from "./rule.ts";
import { fitsImages, trainingRules, viewRules } from "./training.ts";

export type { Fault, Known, Network } from "./rule.ts";

// deno-lint-ignore no-explicit-any -- of whatever stage
const RULES: Readonly<Record<string, readonly Rule<any>[]>> = {
  "augment-cache": viewRules,
  train: trainingRules,
  probe: probeRules,
  "leaf-probe": leafProbeRules,
  curve: curveRules,
  saliency: saliencyRules,
  umap: umapRules,
  controls: controlRules,
};

/** The first thing wrong with a task of a stage. */
export function faultOf(stage: string, params: unknown, known: Known): Fault | undefined {
  return wrongSeed(params, stage) ?? firstOf(RULES[stage] ?? [], (rule) => rule(params, known));
}

/** The first model that cannot look at the data set's images. */
export function faultOfModels(networks: Readonly<Record<string, Network>>): Fault | undefined {
  return firstOf(
    Object.entries(networks),
    ([model, { encoder: { pathways } }]) => pathways && fitsImages(model, pathways),
  );
}

/** Beyond it another seed has the same random numbers: streams are named by 32-bit words. */
export const LARGEST_SEED = 2 ** 32 - 1;

/** Whatever a stage calls a seed is one; two equal seeds would be counted as two draws. */
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
