/**
 * The outputs that make a pathway a leaf: its pooled channels → LayerNorm → Linear, separately in each of m
 * leaves.
 *
 * @module
 */
import type { Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import { layerNorm, layerNormSpecs } from "./layer_norm.ts";
import { linearSpecs } from "./linear.ts";
import { pathwayMultiplyAdds } from "./cost.ts";
import { pathwayChannels, pathwaySpecs } from "./pathways.ts";
import type { ParameterSpec, Params, Pass, PathwaySpec } from "./types.ts";

/** Pathways and leaf outputs, `size` features each; output weights kaiming-normal for ReLU (He et al., 2015). */
export function leafSpecs(spec: PathwaySpec, size: number): readonly ParameterSpec[] {
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

/** pooled [N, m, C] → leaves [N, m, D]. */
export function leafOutputs(pooled: Tensor3D, params: Params, { ops }: Pass): Tensor3D {
  return ops.groupedLinear(
    layerNorm(pooled, "leaves.output_norm", params),
    params["leaves.output.weight"] as Tensor3D,
    params["leaves.output.bias"] as Tensor2D,
  );
}

/** Multiply-adds of pathways and leaf outputs, per image. */
export function leafMultiplyAdds(
  spec: PathwaySpec,
  { pixels, size }: { pixels: number; size: number },
): number {
  return pathwayMultiplyAdds(spec, pixels) + spec.leaves * pathwayChannels(spec) * size;
}
