/**
 * The pathway operation of the tensorflow backend.
 *
 * On a GPU all leaves go through one stack of grouped convolutions. On a CPU each leaf goes through its own, a chunk of
 * images at a time: there TensorFlow's fast convolutions know no groups, and activations of a few megabytes stay in the
 * cache between operations. `tools/bench/tensorflow_bench.ts` measures both.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { PathwayParams, PathwaySpec } from "../../nn/types.ts";
import { apply } from "./custom_gradients.ts";
import type { Eager } from "./eager.ts";
import { fold, type Folded, pack, unpack } from "./folding.ts";
import {
  chunksOf,
  type Grid,
  joinGradients,
  joinPooled,
  listKept,
  listMemory,
  type Memory,
  type Plan,
  planFor,
  recallMemory,
  splitPooled,
  stacksOf,
  type Strategy,
} from "./stack_plan.ts";
import { addGradients, type StackGradients } from "./stack.ts";

/** The fastest strategy measured on a device; see the benchmark. */
export function strategyFor({ gpu }: { readonly gpu: boolean }): Strategy {
  return gpu ? { way: "grouped", chunkBytes: Infinity } : { way: "fused", chunkBytes: 6 * 2 ** 20 };
}

/** images [N, H, W, 3] → [N, m, C]. */
export function pathways(
  eager: Eager,
  images: tf.Tensor4D,
  params: PathwayParams,
  { spec, strategy }: { readonly spec: PathwaySpec; readonly strategy: Strategy },
): tf.Tensor3D {
  const plan = planFor(images.shape, { spec, strategy }), keep = tf.engine().isTapeOn();
  const packed = tf.tidy(() => pack(fold(params)));
  return apply<tf.Tensor3D>([images, packed], {
    forward(save) {
      const stacks = stacksOf(eager, plan, unpack(packed, spec));
      const passes = chunksOf(images, plan).map((chunk) =>
        stacks.map((stack) => plan.passes.forward(eager, stack, { images: chunk, keep }))
      );
      if (keep) save(listMemory({ stacks, kept: passes.map((row) => row.map(({ kept }) => kept)) }));
      return joinPooled(passes.map((row) => row.map(({ pooled }) => pooled)), plan);
    },
    backward(dy, saved) {
      const memory = recallMemory(plan, saved), dPooled = splitPooled(dy as tf.Tensor3D, plan);
      return [
        () => imageGradients(eager, plan, { memory, dPooled }),
        () => pack(weightGradients(eager, plan, { memory, dPooled })),
      ];
    },
  });
}

/** Gradient of the pooled output with respect to each pixel, one map a leaf: [N, m, H, W, 3]. */
export function pixelGradients(
  eager: Eager,
  images: tf.Tensor4D,
  params: PathwayParams,
  { spec, strategy, gradient }: {
    readonly spec: PathwaySpec;
    readonly strategy: Strategy;
    readonly gradient: tf.Tensor3D;
  },
): tf.Tensor {
  const way = strategy.way === "grouped" ? "single" : strategy.way;
  const plan = planFor(images.shape, { spec, strategy: { ...strategy, way } }), { passes } = plan;
  const stacks = stacksOf(eager, plan, fold(params)), dPooled = splitPooled(gradient, plan);
  const chunks = chunksOf(images, plan).map((chunk, row) => {
    const leaves = stacks.map((stack, leaf) =>
      tf.tidy(() => {
        const { kept } = passes.forward(eager, stack, { images: chunk, keep: true });
        return passes.imageGradient(eager, stack, { kept, dPooled: dPooled[row][leaf] });
      })
    );
    return tf.stack(leaves, 1);
  });
  return tf.concat(chunks);
}

interface Pass {
  readonly memory: Memory;
  readonly dPooled: Grid<tf.Tensor>;
}

/** Gradients of w' and b' of all leaves. Disposes of activations, so take the images' gradient first. */
function weightGradients(eager: Eager, plan: Plan, { memory: { stacks, kept }, dPooled }: Pass): Folded {
  const sums: StackGradients[] = [];
  for (const [chunk, row] of kept.entries()) {
    for (const [i, stack] of stacks.entries()) {
      const gradients = plan.passes.backward(eager, stack, { kept: row[i], dPooled: dPooled[chunk][i] });
      sums[i] = sums[i] === undefined ? gradients : addGradients(sums[i], gradients);
      tf.dispose([...listKept(row[i])]);
    }
  }
  return joinGradients(plan, sums);
}

/** Gradients by the images, summed over all leaves. */
function imageGradients(
  eager: Eager,
  { passes }: Plan,
  { memory: { stacks, kept }, dPooled }: Pass,
): tf.Tensor {
  return tf.concat(
    kept.map((row, chunk) =>
      tf.tidy(() =>
        tf.addN(
          stacks.map((stack, i) =>
            passes.imageGradient(eager, stack, { kept: row[i], dPooled: dPooled[chunk][i] })
          ),
        )
      )
    ),
  );
}
