/**
 * The conformance suite of operations: each case computes some arrays, and every backend's are compared with
 * the reference's.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { calibrate, encode } from "../../treenet/nn/features.ts";
import { batchGradients } from "../../treenet/gradients.ts";
import { initialEncoder } from "../../treenet/network.ts";
import { clip, LOOPS } from "../../treenet/optimiser.ts";
import { upload } from "../../treenet/nn/parameters.ts";
import { random } from "../../treenet/random.ts";
import { mapImages } from "../../treenet/saliency/map_images.ts";
import { newState, share } from "../../treenet/state.ts";
import { train } from "../../treenet/train.ts";
import type { Ops, PathwaySpec } from "../../treenet/nn/types.ts";
import { type Named, noise, smallModels, trainingOf } from "./conformance_networks.ts";
import {
  outputAndGradients,
  pathwayInputs,
  pathwayOutputAndGradients,
  pathwayParams,
  tensor,
  values,
} from "../treenet/ops/wasm/ops_support.ts";

/** Named arrays. */
export type Arrays = Readonly<Record<string, ArrayLike<number>>>;

/** One thing to compute. */
export interface Case {
  readonly name: string;
  /** The model that the case computes as a whole; absent where it computes one operation. */
  readonly model?: string;
  /** Largest {@linkcode deviation} allowed. */
  readonly tolerance: number;
  readonly compute: (ops: Ops) => Promise<Arrays> | Arrays;
}

/** ‖a − b‖ / ‖b‖ of the worst array; norms below a thousandth of the largest count as that. */
export function deviation(
  found: Arrays,
  expected: Arrays,
): { readonly worst: number; readonly array: string } {
  const norm = (x: ArrayLike<number>) => Math.sqrt(Array.from(x).reduce((sum, v) => sum + v * v, 0));
  const least = 1e-3 * Math.max(...Object.values(expected).map(norm));
  let [worst, array] = [0, ""];
  for (const [name, b] of Object.entries(expected)) {
    const a = found[name];
    if (a === undefined || a.length !== b.length) return { worst: Infinity, array: name };
    const off = norm(Array.from(b, (value, i) => a[i] - value)) / Math.max(norm(b), least);
    if (!(off <= worst)) [worst, array] = [Number.isNaN(off) ? Infinity : off, name];
  }
  return { worst, array };
}

const STACKS: readonly (readonly [PathwaySpec, readonly [number, number, number]])[] = [
  [{ leaves: 1, channels: [5], kernel: 2, strides: [1] }, [1, 4, 3]],
  [{ leaves: 3, channels: [5, 7, 9], kernel: 2, strides: [1, 1, 1] }, [5, 7, 9]],
  [{ leaves: 8, channels: [8, 16, 12, 20, 16], kernel: 2, strides: [2, 1, 1, 2, 1] }, [5, 17, 18]],
  [{ leaves: 2, channels: [6, 10], kernel: 3, strides: [3, 2] }, [2, 15, 16]],
  [{ leaves: 2, channels: [4, 8], kernel: 1, strides: [2, 3] }, [2, 9, 8]],
];

/** [N, H, W, C], kernel, outputs, stride, padding: ResNet50's on small maps, and corners. */
const CONVOLUTIONS: readonly (readonly [readonly number[], number, number, number, number])[] = [
  [[2, 11, 9, 3], 7, 8, 2, 3],
  [[5, 4, 4, 16], 3, 12, 1, 1],
  [[3, 5, 4, 8], 3, 20, 2, 1],
  [[7, 1, 1, 8], 3, 9, 1, 1],
  [[3, 7, 6, 12], 1, 8, 2, 0],
  [[1, 3, 8, 5], 3, 7, 3, 0],
  [[2, 6, 6, 6], 5, 4, 1, 4],
  [[6, 2, 2, 8], 3, 10, 2, 1],
  [[4, 3, 3, 6], 3, 7, 1, 0],
];

/** An output, then the gradients by each input. */
function named([output, ...gradients]: readonly Float32Array[]): Arrays {
  return { output, ...Object.fromEntries(gradients.map((one, i) => [`gradient ${i}`, one])) };
}

/** All of them. */
export async function allCases(): Promise<readonly Case[]> {
  const models = await smallModels();
  return [
    ...STACKS.flatMap(pathwayCases),
    ...CONVOLUTIONS.map(convolutionCase),
    ...linearCases(),
    ...UPDATES.flatMap((update) => [updateCase(update, "ordinary"), updateCase(update, "shared")]),
    ...models.flatMap((model) => modelCases(model).map((one) => ({ ...one, model: model.name }))),
  ];
}

function pathwayCases([spec, size]: (typeof STACKS)[number]): readonly Case[] {
  const name = `${spec.leaves} pathways ${spec.channels} kernel ${spec.kernel} strides ${spec.strides}`;
  const inputs = pathwayInputs(spec, size), dy = values([size[0], spec.leaves, spec.channels.at(-1)!], 7);
  return [
    {
      name: `${name}: output and gradients`,
      tolerance: 1e-4,
      compute: (ops) => named(pathwayOutputAndGradients(ops, { spec, inputs, dy })),
    },
    {
      name: `${name}: gradients by pixel`,
      tolerance: 1e-4,
      compute: (ops) =>
        tf.tidy(() => {
          const all = inputs.map((one) => tensor(one)), params = pathwayParams(all, spec);
          return { pixels: ops.pathwayGradients(all[0] as tf.Tensor4D, params, spec, tensor(dy)) } as never;
        }),
    },
  ];
}

function convolutionCase([shape, kernel, outputs, stride, pad]: (typeof CONVOLUTIONS)[number]): Case {
  const [n, height, width, channels] = shape;
  const inputs = [values(shape, 1), values([kernel, kernel, channels, outputs], 2, 1 / kernel)];
  const side = (size: number) => Math.floor((size + 2 * pad - kernel) / stride) + 1;
  const dy = values([n, side(height), side(width), outputs], 3);
  const apply = (ops: Ops) => (x: tf.Tensor, w: tf.Tensor) =>
    ops.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, { stride, pad });
  return {
    name: `convolution of [${shape}] kernel ${kernel} stride ${stride} padding ${pad}: output and gradients`,
    tolerance: 1e-5,
    compute: (ops) => named(outputAndGradients(apply(ops), inputs, dy)),
  };
}

function linearCases(): readonly Case[] {
  const products = [[1, 1, 1], [3, 5, 7], [200, 12, 30], [7, 8, 1030]].map(([n, k, d]): Case => ({
    name: `product of [${n}, ${k}] and [${k}, ${d}]: output and gradients`,
    tolerance: 1e-5,
    compute: (ops) =>
      named(outputAndGradients(
        (x, w) => ops.matMul(x as tf.Tensor2D, w as tf.Tensor2D),
        [values([n, k], 1), values([k, d], 2)],
        values([n, d], 3),
      )),
  }));
  const grouped = [[1, 1, 1, 1], [5, 3, 6, 10], [130, 4, 20, 128]].map(([n, m, c, d]): Case => ({
    name: `${m} linear layers [${c}, ${d}] of ${n} rows: output and gradients`,
    tolerance: 1e-5,
    compute: (ops) =>
      named(outputAndGradients(
        (x, w, b) => ops.groupedLinear(x as tf.Tensor3D, w as tf.Tensor3D, b as tf.Tensor2D),
        [values([n, m, c], 1), values([m, c, d], 2), values([m, d], 4)],
        values([n, m, d], 3),
      )),
  }));
  return [...products, ...grouped];
}

/** Numbers of a parameter: one, a few beyond the last four, several blocks of threads; and how many parts are clipped. */
const UPDATES = [[1, 1], [7, 1], [200_007, 3]];

/** A parameter update in ordinary or shared arrays; where all arrays are alike, both are the same case. */
function updateCase([length, groups]: readonly number[], which: "ordinary" | "shared"): Case {
  return {
    name: `parameter update of ${length} numbers in ${which} arrays: the same bits`,
    tolerance: 0,
    compute({ loops = LOOPS, arrays }) {
      const stream = random(6, length);
      const draw = (scale: number, power = 1) => {
        const drawn = Float32Array.from({ length }, () => (scale * stream.normal()) ** power);
        if (which === "ordinary" || arrays === undefined) return drawn;
        const shared = arrays.zeros(length);
        shared.set(drawn);
        return shared;
      };
      const [weights, average, first, second] = [draw(0.1), draw(0.1), draw(1e-3), draw(1e-3, 2)];
      const gradient = draw(1e-2), norms: (readonly number[])[] = [];
      for (let update = 1; update <= 3; update++) {
        loops.scale(gradient, 1.7);
        norms.push(clip(gradient, { limit: 0.01 * Math.sqrt(length / groups), groups, loops }));
        const options = { learningRate: 1e-3, weightDecay: 0.04, update };
        loops.adamw({ weights, first, second }, gradient, options);
        loops.ema(average, weights, 0.996);
      }
      return { weights, average, first, second, gradient, norms: norms.flat() };
    },
  };
}

function modelCases({ name, encoder, network }: Named): readonly Case[] {
  const weights = initialEncoder(encoder, 3), size = 32;
  // Fifty layers, normalised over a dozen values each, make a hundred times more of a rounding error than five.
  const scale = encoder.pathways === undefined ? 10 : 1;
  const images = bytes(4 * size * size * 3);
  return [
    {
      name: `${name}: loss and gradients of a batch`,
      tolerance: 1e-3 * scale,
      async compute(ops) {
        const result = await batchGradients(newState(network, 1), noise(0), trainingOf(network, ops, 1));
        const { loss, entropy, means, embeddings, gradients, buffers } = result;
        const entropies = Number.isNaN(entropy) ? [] : [entropy]; // BYOL's teacher has none
        return { loss: [loss], entropy: entropies, ...means, embeddings, ...gradients, ...buffers.student };
      },
    },
    {
      name: `${name}: three steps of training`,
      tolerance: 2e-2, // of how far the weights moved: AdamW makes much of gradients that are almost zero
      async compute(ops) {
        const state = share(newState(network, 1), ops), start = newState(network, 1);
        for await (const _ of train(state, trainingOf(network, ops, 3)));
        const moved = (which: "student" | "teacher") =>
          Object.entries(state[which]).flatMap(([name, now]) =>
            Array.from(now, (v, i) => v - start[which][name][i])
          );
        return {
          student: moved("student"),
          teacher: moved("teacher"),
          losses: state.log.map(({ loss }) => loss),
        };
      },
    },
    {
      name: `${name}: features of images, with running statistics of theirs`,
      tolerance: 1e-4 * scale,
      async compute(ops) {
        const options = { ops, batch: 3, size, images };
        const { embeddings, leaves } = await encode(
          encoder,
          await calibrate(encoder, weights, options),
          options,
        );
        return { embeddings, leaves: leaves ?? [] };
      },
    },
    ...encoder.pathways === undefined ? [] : [{
      name: `${name}: saliency maps`,
      tolerance: 1e-3,
      async compute(ops: Ops) {
        const params = upload(encoder.specs, weights);
        const maps = await mapImages({ encoder, params, ops }, images, { side: size, batch: 3 });
        tf.dispose(Object.values(params));
        return { maps };
      },
    }],
  ];
}

function bytes(length: number): Uint8Array {
  const stream = random(5);
  return Uint8Array.from({ length }, () => 256 * stream.uniform());
}
