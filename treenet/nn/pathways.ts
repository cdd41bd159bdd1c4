/**
 * The stack of disconnected convolutional pathways that the paper's trees and its CNN share: per leaf, five blocks of
 * [GroupNorm (absent before the first) → conv → ReLU] and global average pooling. The computation itself is
 * {@linkcode Ops.pathways}; here are its weights and its cost.
 *
 * Source: the paper's Figure 1 and `docs/recipe.md`, Models.
 *
 * @module
 */
import { inputsOf } from "./cost.ts";
import { layerNormSpecs } from "./layer_norm.ts";
import type { ParameterSpec, Params, PathwayParams, PathwaySpec } from "./types.ts";

/** `leaves.conv1.…`, `leaves.norm2.…`, `leaves.conv2.…`: the norm carries the number of the convolution it precedes. */
export function pathwaySpecs(spec: PathwaySpec): readonly ParameterSpec[] {
  return spec.channels.flatMap((outputs, layer) => {
    const inputs = inputsOf(spec, layer);
    const norm = layer === 0 ? [] : layerNormSpecs(`leaves.norm${layer + 1}`, [spec.leaves, inputs]);
    return [...norm, ...convSpecs(`leaves.conv${layer + 1}`, { spec, inputs, outputs })];
  });
}

/** Weights xavier-uniform with the fans of one leaf (Glorot and Bengio, 2010); biases uniform ±1/√fan_in. */
function convSpecs(
  name: string,
  { spec, inputs, outputs }: { spec: PathwaySpec; inputs: number; outputs: number },
): readonly ParameterSpec[] {
  const { leaves, kernel } = spec;
  const [fanIn, fanOut] = [inputs * kernel ** 2, outputs * kernel ** 2];
  return [
    {
      name: `${name}.weight`,
      shape: [leaves, kernel, kernel, inputs, outputs],
      layout: "grouped-conv",
      groups: leaves,
      init: { type: "uniform", bound: Math.sqrt(6 / (fanIn + fanOut)) },
      decay: true,
    },
    {
      name: `${name}.bias`,
      shape: [leaves, outputs],
      layout: "plain",
      groups: leaves,
      init: { type: "uniform", bound: 1 / Math.sqrt(fanIn) },
      decay: false,
    },
  ];
}

/** Picks the stack's weights out of an encoder's. */
export function pathwayParams(params: Params, spec: PathwaySpec): PathwayParams {
  const layers = spec.channels.map((_, layer) => layer + 1);
  return {
    weights: layers.map((layer) => params[`leaves.conv${layer}.weight`]),
    biases: layers.map((layer) => params[`leaves.conv${layer}.bias`]),
    gammas: layers.slice(1).map((layer) => params[`leaves.norm${layer}.weight`]),
    betas: layers.slice(1).map((layer) => params[`leaves.norm${layer}.bias`]),
  };
}

/** Channels after the last convolution. */
export function pathwayChannels(spec: PathwaySpec): number {
  return spec.channels[spec.channels.length - 1];
}
