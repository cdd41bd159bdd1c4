/**
 * Estimated cost of a training run, within a factor of two, before any has been timed on this machine.
 *
 * @module
 */
import type { Estimate, EstimateContext } from "../../pipeline/stage.ts";
import type { AugmentRecipe } from "../../treenet/augment/recipe.ts";
import type { Method } from "../../treenet/method.ts";
import {
  activations,
  encoderOf,
  headSeconds,
  moduleOf,
  passSeconds,
  weightsIn,
} from "../../treenet/rates.ts";
import type { TrainParams } from "./params.ts";

const CORES = 2;
const SECONDS_A_PARAMETER = 1.2e-8; // AdamW, EMA and copies, a step
const COPIES = 2.5; // of the activations: outputs, gradients, what is under way
const BACK_AND_FORTH = 3; // passes: one forward, two backward

/** Estimates a run from its parameters and those of its views. */
export function estimateTraining(params: TrainParams, { modules, inputs }: EstimateContext): Estimate {
  const cached = inputs.views.params as AugmentRecipe & { readonly images: number };
  const { images: all } = cached, { globals, locals } = params.views ?? cached;
  const schedule = params.epochs * Math.floor((params.images ?? all) / params.batch);
  const steps = Math.min(schedule, params.maxSteps ?? schedule);
  const encoder = encoderOf(modules, params.architecture);
  const { specs, studentSpecs } = moduleOf<Method>(modules.method).build(encoder.size, params);
  const head = weightsIn([...specs, ...studentSpecs]);
  const parameters = weightsIn(encoder.specs) + head;
  const global = globals.count * passSeconds(encoder, globals.size);
  const local = locals.count === 0 ? 0 : locals.count * passSeconds(encoder, locals.size);
  const heads = BACK_AND_FORTH * (globals.count + locals.count) + globals.count;
  const image = (BACK_AND_FORTH * (global + local) + global + heads * headSeconds(head)) / CORES;
  const seconds = steps * (params.batch * image + parameters * SECONDS_A_PARAMETER);
  const views = globals.count + locals.count * (locals.size / globals.size) ** 2;
  return {
    seconds: 1 + seconds,
    units: { count: steps * params.batch, seconds },
    disk: 32 * parameters, // checkpoint, then the files
    memory: 500_000_000 + 44 * parameters + 4 * COPIES * views * params.microBatch * activations(encoder),
  };
}
