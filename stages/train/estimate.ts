/**
 * What a training run will cost, to the nearest factor of two, before any has been timed on this machine.
 *
 * @module
 */
import type { Estimate } from "../../pipeline/types.ts";
import { encoderCost, RATE } from "./encoder_cost.ts";
import { methods, type TrainParams } from "./params.ts";

const ALL_IMAGES = 50_000; // where the profile does not say
const VIEWS = 10; // of the paper recipe, as are the shares below

/** Passes over a full image that one source image costs: 2 + 8 crops forward and backward, 2 of the teacher. */
const PASSES = { pathways: 11.7, resnet: 27 };
const EMBEDDING = 128; // features of the paper's trees
const SECONDS_A_PARAMETER = 1.2e-8; // AdamW, EMA and copies, a step

const COPIES = 2.5; // of the activations: outputs, gradients, what is under way
const FULL_VIEWS = 3; // 2 globals, and 8 small locals

/** Estimates a run from its parameters alone. */
export function estimateTraining(params: TrainParams): Estimate {
  const images = params.images ?? ALL_IMAGES;
  const schedule = params.epochs * Math.floor(images / params.batch);
  const steps = Math.min(schedule, params.maxSteps ?? schedule);
  const encoder = encoderCost(params.architecture);
  const head = headWeights(params);
  const parameters = encoder.parameters + head;
  const flops = 2 * encoder.multiplyAdds * PASSES[encoder.kind] / RATE[encoder.kind];
  const headFlops = 2 * head * (3 * VIEWS + 2) / RATE.head;
  return {
    seconds: Math.ceil(steps * (params.batch * (flops + headFlops) + parameters * SECONDS_A_PARAMETER)),
    disk: 32 * parameters, // checkpoint, then the files
    memory: 500_000_000 + 44 * parameters + 4 * COPIES * FULL_VIEWS * params.microBatch * encoder.activations,
  };
}

function headWeights(params: TrainParams): number {
  const { config, build } = methods[params.method];
  const { specs, studentSpecs } = build(EMBEDDING, config.parse(params));
  return [...specs, ...studentSpecs].reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}
