/**
 * The outputs that make a pathway a leaf: its pooled channels → LayerNorm → Linear, separately in each of m
 * leaves.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import { layerNorm, layerNormSpecs } from "./layer_norm.ts";
import { linearSpecs } from "./linear.ts";
import { pathwayMultiplyAdds } from "./cost.ts";
import { pathwayChannels, pathwaySpecs } from "./pathways.ts";
import type { ParameterSpec, Params, Pass, PathwaySpec } from "./types.ts";

/**
 * The way in which initial weights and clipping see the leaves, after the released code's two classes of trees: each leaf as
 * a network of its own, or a layer of all leaves as one tensor. See "The two classes" of docs/recipe.md.
 */
export type Reading = "leaf" | "grouped";

/** Pathways and leaf outputs, `size` features each; output weights kaiming-normal for ReLU (He et al., 2015). */
export function leafSpecs(
  spec: PathwaySpec,
  { size, reading }: { readonly size: number; readonly reading: Reading },
): readonly ParameterSpec[] {
  const specs = separateSpecs(spec, size);
  return reading === "leaf" ? specs : specs.map(asGrouped);
}

function separateSpecs(spec: PathwaySpec, size: number): readonly ParameterSpec[] {
  const inputs = pathwayChannels(spec);
  return [
    ...pathwaySpecs(spec),
    ...layerNormSpecs("leaves.output_norm", [spec.leaves, inputs]),
    ...linearSpecs("leaves.output", {
      inputs,
      outputs: size,
      groups: spec.leaves,
      weight: { type: "normal", std: Math.sqrt(2 / inputs) },
    }),
  ];
}

/** Clipped whole; weights [m, …, in, out] xavier-uniform with all leaves' outputs in the fan-out (Glorot and Bengio, 2010). */
function asGrouped(spec: ParameterSpec): ParameterSpec {
  if (!spec.decay) return { ...spec, groups: undefined };
  const [leaves, ...rest] = spec.shape;
  const [inputs, outputs] = rest.slice(-2);
  const places = rest.slice(0, -2).reduce((product, extent) => product * extent, 1);
  const bound = Math.sqrt(6 / (places * (inputs + leaves * outputs)));
  return { ...spec, groups: undefined, init: { type: "uniform", bound } };
}

/** pooled [N, m, C] → leaves [N, m, D]. */
export function leafOutputs(pooled: Tensor3D, params: Params, { ops, tap }: Pass): Tensor3D {
  const leaves = ops.groupedLinear(
    layerNorm(pooled, "leaves.output_norm", params),
    params["leaves.output.weight"] as Tensor3D,
    params["leaves.output.bias"] as Tensor2D,
  );
  tap?.("pooled", flat(pooled));
  if (leaves.shape[1] > 1) {
    tap?.("leaves", flat(leaves));
    tap?.("leaf mean", tf.mean(leaves, 1));
  }
  return leaves;
}

/** [N, m, D] → [N, m·D]: the concatenation of the leaves. */
export function flat(leaves: Tensor3D): Tensor2D {
  return tf.reshape(leaves, [-1, leaves.shape[1] * leaves.shape[2]]);
}

/** Multiply-adds of pathways and leaf outputs, per image. */
export function leafMultiplyAdds(
  spec: PathwaySpec,
  { pixels, size }: { pixels: number; size: number },
): number {
  return pathwayMultiplyAdds(spec, pixels) + spec.leaves * pathwayChannels(spec) * size;
}
