/**
 * What a training run will cost, to the nearest factor of two, before any has been timed on this machine.
 *
 * @module
 */
import type { Estimate } from "../../pipeline/types.ts";
import { pathwayActivations, pathwayMultiplyAdds } from "../treenet/cost.ts";
import type { TrainParams } from "./params.ts";

const ALL_IMAGES = 50_000; // where the profile does not say
const PIXELS = 32;
const VIEWS = 10; // of the paper recipe, as are the shares below

/** Passes over a full image that one source image costs: 2 + 8 crops forward and backward, 2 of the teacher. */
const PASSES = { pathways: 11.7, resnet: 27 };
/** Floating point operations a second, on two cores without a graphics card. */
const RATE = { pathways: 50e9, resnet: 30e9, head: 25e9 };
const SECONDS_A_PARAMETER = 1.2e-8; // AdamW, EMA and copies, a step

const RESNET = { multiplyAdds: 83_410_944, parameters: 23_508_032, activations: 1_000_000, width: 64 };
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

interface EncoderCost {
  readonly kind: "pathways" | "resnet";
  readonly multiplyAdds: number;
  readonly parameters: number;
  /** Numbers that its layers put out for one full image. */
  readonly activations: number;
}

/** Fields that a profile leaves out have the paper's values. */
function encoderCost(architecture: Readonly<Record<string, unknown>>): EncoderCost {
  const { width, channels, strides, kernel = 2, leaves } = architecture;
  if (Array.isArray(channels) || leaves !== undefined) {
    const depths = (channels ?? [8, 16, 32, 48, 64]) as number[];
    const spec = {
      leaves: (leaves ?? 1) as number,
      channels: depths,
      kernel: kernel as number,
      strides: (strides ?? depths.map(() => 1)) as number[],
    };
    return {
      kind: "pathways",
      multiplyAdds: pathwayMultiplyAdds(spec, PIXELS),
      parameters: 70_000 * spec.leaves,
      activations: pathwayActivations(spec, PIXELS),
    };
  }
  const scale = ((width ?? RESNET.width) as number / RESNET.width) ** 2;
  return {
    kind: "resnet",
    multiplyAdds: RESNET.multiplyAdds * scale,
    parameters: RESNET.parameters * scale,
    activations: RESNET.activations * Math.sqrt(scale),
  };
}

function headWeights({ head }: TrainParams): number {
  return head.hidden * (head.hidden + head.bottleneck) + head.bottleneck * head.prototypes;
}
