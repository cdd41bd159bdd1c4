/**
 * What one image costs in an encoder, from its section of a profile alone: for estimates, to the nearest factor of two.
 *
 * @module
 */
import { pathwayActivations, pathwayMultiplyAdds } from "../treenet/cost.ts";

const PIXELS = 32;
/** Without the stem's max-pooling every later layer has four times the pixels. */
const WITHOUT_POOLING = 4;
const RESNET = { multiplyAdds: 83_410_944, parameters: 23_508_032, activations: 1_000_000, width: 64 };

/** Floating point operations a second, on two cores without a graphics card. */
export const RATE = { pathways: 50e9, resnet: 30e9, head: 25e9 } as const;

/** Of one full image. */
export interface EncoderCost {
  readonly kind: "pathways" | "resnet";
  readonly multiplyAdds: number;
  readonly parameters: number;
  /** Numbers that its layers put out for one full image. */
  readonly activations: number;
}

/** Fields that a profile leaves out have the paper's values. */
export function encoderCost(architecture: Readonly<Record<string, unknown>>): EncoderCost {
  const { width, channels, strides, kernel = 2, leaves, maxPool = true } = architecture;
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
  const pixels = maxPool ? 1 : WITHOUT_POOLING;
  return {
    kind: "resnet",
    multiplyAdds: RESNET.multiplyAdds * scale * pixels,
    parameters: RESNET.parameters * scale,
    activations: RESNET.activations * Math.sqrt(scale) * pixels,
  };
}
