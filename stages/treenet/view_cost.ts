/**
 * What an encoder costs on an image of any size, counted exactly from its section of a profile, without building it: a
 * crop of 13 pixels is not (13 / 32)² of an image, as layers round their sizes and linear layers do not shrink at all.
 *
 * A test holds these counts against those of the encoders themselves, for every model and many sizes.
 *
 * @module
 */
import { pathwayMultiplyAdds } from "./cost.ts";

/** As a profile gives it; what it leaves out has the model's default. */
export type Architecture = Readonly<Record<string, unknown>>;

/** Convolution and linear weights applied to an image of `pixels` × `pixels`; undefined for a model not known here. */
export function viewMultiplyAdds(
  model: string,
  { architecture, pixels }: { readonly architecture: Architecture; readonly pixels: number },
): number | undefined {
  return counts[model]?.(architecture, pixels);
}

type Count = (architecture: Architecture, pixels: number) => number;

const counts: Readonly<Record<string, Count>> = {
  "dense-join": denseJoin,
  "random-leaves": denseJoin,
  "avg-join": (tree, pixels) => leaves(tree, { pixels, channels: LEAF }) + extra(tree, leafSizeOf(tree)),
  "cnn": (cnn, pixels) => leaves({ ...cnn, leaves: 1 }, { pixels, channels: [32, 128, 256, 512, 1028] }),
  "resnet50": resnet,
};

const LEAF = [8, 16, 32, 48, 64];

function denseJoin(tree: Architecture, pixels: number): number {
  const { joinWidths = [256, 256, 128] } = tree as { readonly joinWidths?: readonly number[] };
  const { leaves: m = 32 } = tree as { readonly leaves?: number };
  return leaves(tree, { pixels, channels: LEAF }) + chained([m * leafSizeOf(tree), ...joinWidths]) +
    extra(tree, joinWidths[joinWidths.length - 1]);
}

/** Pathways, and a linear layer from each one's pooled channels to its outputs. */
function leaves(
  { leaves = 32, channels, kernel = 2, strides, ...rest }: Architecture,
  given: { readonly pixels: number; readonly channels: readonly number[] },
): number {
  const depths = (channels ?? given.channels) as readonly number[];
  const spec = {
    leaves: leaves as number,
    channels: depths,
    kernel: kernel as number,
    strides: (strides ?? depths.map(() => 1)) as readonly number[],
  };
  return pathwayMultiplyAdds(spec, given.pixels) +
    spec.leaves * depths[depths.length - 1] * leafSizeOf(rest);
}

function leafSizeOf({ leafSize = 128 }: Architecture): number {
  return leafSize as number;
}

function extra({ extraLinear = false }: Architecture, size: number): number {
  return extraLinear === true ? size * size : 0;
}

/** Linear layers in a row. */
function chained(sizes: readonly number[]): number {
  return sizes.slice(1).reduce((sum, outputs, i) => sum + sizes[i] * outputs, 0);
}

const BLOCKS = [3, 4, 6, 3]; // a stage
const EXPANSION = 4;

/** Bottlenecks of 1 × 1, 3 × 3 (with the stride) and 1 × 1 convolutions; a 1 × 1 shortcut where the shape changes. */
function resnet({ width = 64, maxPool = true, mlp = [] }: Architecture, pixels: number): number {
  const halved = (side: number) => Math.floor((side - 1) / 2) + 1; // stride 2 with "same" padding
  const stem = width as number;
  let side = halved(pixels);
  let sum = side ** 2 * 7 ** 2 * 3 * stem;
  if (maxPool === true) side = halved(side);
  let inputs = stem;
  for (const [stage, count] of BLOCKS.entries()) {
    const inner = stem * 2 ** stage;
    for (let block = 0; block < count; block++) {
      const out = block === 0 && stage > 0 ? halved(side) : side;
      sum += side ** 2 * inputs * inner + out ** 2 * (9 * inner ** 2 + EXPANSION * inner ** 2);
      if (block === 0) sum += out ** 2 * inputs * EXPANSION * inner;
      [inputs, side] = [EXPANSION * inner, out];
    }
  }
  return sum + chained([inputs, ...mlp as readonly number[]]);
}
