/**
 * Division of a batch on the tensorflow backend: leaves that run side by side, and images at a time.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { PathwaySpec } from "../../nn/types.ts";
import { checkFits, outputSize } from "../geometry.ts";
import type { Eager } from "./eager.ts";
import type { Folded } from "./folding.ts";
import { FUSED } from "./fused.ts";
import { type Kept, type Stack, type StackGradients, type StackPasses, STOCK } from "./stack.ts";

/** Computation of the leaves. */
export interface Strategy {
  /**
   * `grouped`: all leaves in one stack of grouped convolutions; `single`: each leaf in its own stack;
   * `fused`: as `single`, with our own operations for CPUs.
   */
  readonly way: "grouped" | "single" | "fused";
  /** Bytes of a stack's largest activation; the number of images at a time follows from it. */
  readonly chunkBytes: number;
}

/** Division of one batch. */
export interface Plan {
  readonly spec: PathwaySpec;
  /** Passes through each stack. */
  readonly passes: StackPasses;
  /** Number of leaves side by side in a stack. */
  readonly groups: number;
  /** Height and width of each layer's output. */
  readonly sizes: readonly (readonly [number, number])[];
  /** Number of images in each chunk. */
  readonly chunks: readonly number[];
}

/** Tensors by chunk, then by stack. */
export type Grid<T> = readonly (readonly T[])[];

/** Tensors that a forward pass keeps for the backward pass. */
export interface Memory {
  readonly stacks: readonly Stack[];
  readonly kept: Grid<Kept>;
}

/** Plans a batch. Throws a RangeError if the images are too small. */
export function planFor(
  [images, height, width]: readonly number[],
  { spec, strategy }: { readonly spec: PathwaySpec; readonly strategy: Strategy },
): Plan {
  const sizes: (readonly [number, number])[] = [];
  let side: readonly [number, number] = [height, width];
  for (const stride of spec.strides) {
    checkFits(side, { kernel: spec.kernel, pad: 0 });
    side = [
      outputSize(side[0], { ...spec, stride, pad: 0 }),
      outputSize(side[1], { ...spec, stride, pad: 0 }),
    ];
    sizes.push(side);
  }
  const passes = strategy.way === "fused" ? FUSED : STOCK;
  const groups = strategy.way === "grouped" ? spec.leaves : 1;
  const floats = Math.max(...sizes.map(([tall, wide], layer) => tall * wide * spec.channels[layer] * groups));
  const chunk = Math.min(images, Math.max(1, Math.floor(strategy.chunkBytes / (4 * floats))));
  const whole = Array.from({ length: Math.floor(images / chunk) }, () => chunk), rest = images % chunk;
  return { spec, passes, groups, sizes, chunks: rest === 0 ? whole : [...whole, rest] };
}

/** Makes the stacks with their weights. */
export function stacksOf(
  eager: Eager,
  { spec, groups }: Plan,
  { weights, biases }: Folded,
): readonly Stack[] {
  const count = spec.leaves / groups;
  const byLayer = weights.map((w) => tf.split(w, count).map(besides));
  const byGroup = (x: tf.Tensor) => tf.reshape(x, [1, 1, groups, -1]);
  const biasesByLayer = biases.map((b) => tf.split(b, count).map(byGroup));
  return Array.from({ length: count }, (_, i) => {
    const own = byLayer.map((layer) => layer[i]);
    return {
      groups,
      weights: own,
      biases: biasesByLayer.map((layer) => layer[i]),
      sums: own.map((w) => byGroup(eager.channelSum(w))),
      strides: spec.strides,
    };
  });
}

/** [g, k, k, in, out] → [k, k, in, g · out] */
function besides(w: tf.Tensor): tf.Tensor {
  const [, k, , inputs] = w.shape as [number, number, number, number];
  return tf.reshape(tf.transpose(w, [1, 2, 3, 0, 4]), [k, k, inputs, -1]);
}

/** Joins the gradients of the stacks into those of all leaves. */
export function joinGradients({ spec, groups }: Plan, stacks: readonly StackGradients[]): Folded {
  const { channels, kernel } = spec;
  const weights = channels.map((outputs, layer) =>
    tf.concat(stacks.map(({ weights }) => {
      const inputs = weights[layer].shape[2]!;
      return tf.transpose(tf.reshape(weights[layer], [kernel, kernel, inputs, groups, outputs]), [
        3,
        0,
        1,
        2,
        4,
      ]);
    }))
  );
  const biases = channels.map((outputs, layer) =>
    tf.concat(stacks.map(({ biases }) => tf.reshape(biases[layer], [groups, outputs])))
  );
  return { weights, biases };
}

/** Splits a tensor into its chunks of images. */
export function chunksOf<T extends tf.Tensor>(x: T, { chunks }: Plan): readonly T[] {
  return chunks.length === 1 ? [x] : tf.split(x, [...chunks]) as T[];
}

/** Joins pooled channels [n, 1, g, C] of each chunk and stack → [N, m, C]. */
export function joinPooled(pooled: Grid<tf.Tensor>, { spec, groups }: Plan): tf.Tensor3D {
  const outputs = spec.channels[spec.channels.length - 1];
  const rows = pooled.map((row) =>
    tf.concat(row.map((one): tf.Tensor3D => tf.reshape(one, [-1, groups, outputs])), 1)
  );
  return tf.concat(rows);
}

/** Inverse of {@linkcode joinPooled}. */
export function splitPooled(x: tf.Tensor3D, plan: Plan): Grid<tf.Tensor> {
  const count = plan.spec.leaves / plan.groups;
  return chunksOf(x, plan).map((rows) =>
    tf.split(rows, count, 1).map((one) => tf.reshape(one, [rows.shape[0], 1, plan.groups, -1]))
  );
}

/** All tensors of the memory in one list. */
export function listMemory({ stacks, kept }: Memory): readonly tf.Tensor[] {
  return [
    ...stacks.flatMap(({ weights, biases, sums }) => [...weights, ...biases, ...sums]),
    ...kept.flat().flatMap(listKept),
  ];
}

/** All tensors of one chunk and stack. */
export function listKept({ images, outputs, statistics, means }: Kept): readonly tf.Tensor[] {
  return [images, ...outputs, ...statistics.flatMap(({ mean, root }) => [mean, root]), means];
}

/** Inverse of {@linkcode listMemory}. */
export function recallMemory({ spec, groups, chunks }: Plan, list: readonly tf.Tensor[]): Memory {
  const layers = spec.channels.length, count = spec.leaves / groups;
  const rest = list.values(), next = () => rest.next().value!;
  const each = <T>(length: number, make: () => T) => Array.from({ length }, make);
  const stack = (): Stack => ({
    groups,
    weights: each(layers, next),
    biases: each(layers, next),
    sums: each(layers, next),
    strides: spec.strides,
  });
  const kept = (): Kept => ({
    images: next(),
    outputs: each(layers, next),
    statistics: each(layers - 1, () => ({ mean: next(), root: next() })),
    means: next(),
  });
  return { stacks: each(count, stack), kept: each(chunks.length, () => each(count, kept)) };
}
