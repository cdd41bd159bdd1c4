/**
 * The aggregation A(z₁, …, z_m) over the leaves' outputs: {@linkcode averageJoin} or {@linkcode denseJoin}.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { layerNorm, layerNormSpecs } from "./layer_norm.ts";
import { linear, linearSpecs } from "./linear.ts";
import type { Ops, ParameterSpec, Params } from "./types.ts";

/** Map from leaves [N, m, D] to the embedding. */
export interface Join {
  readonly specs: readonly ParameterSpec[];
  /** Features of the embedding. */
  readonly size: number;
  readonly multiplyAdds: number;
  apply(leaves: tf.Tensor3D, params: Params, ops: Ops): tf.Tensor2D;
}

/** The leaves it joins. */
export interface JoinInput {
  readonly leaves: number;
  readonly leafSize: number;
}

/** Mean over the leaves. */
export function averageJoin({ leafSize }: JoinInput): Join {
  return { specs: [], size: leafSize, multiplyAdds: 0, apply: (leaves) => tf.mean(leaves, 1) };
}

/** Concatenation, then [LayerNorm → Linear → ReLU] to each of `widths` in turn. */
export function denseJoin({ leaves, leafSize }: JoinInput, widths: readonly number[]): Join {
  const sizes = [leaves * leafSize, ...widths];
  const layers = widths.map((outputs, i) => ({
    norm: `join.norm${i + 1}`,
    linear: `join.linear${i + 1}`,
    inputs: sizes[i],
    outputs,
  }));
  return {
    specs: layers.flatMap((layer) => [
      ...layerNormSpecs(layer.norm, [layer.inputs]),
      ...linearSpecs(layer.linear, layer),
    ]),
    size: sizes[widths.length],
    multiplyAdds: layers.reduce((sum, layer) => sum + layer.inputs * layer.outputs, 0),
    apply(outputs, params, ops) {
      let x: tf.Tensor2D = tf.reshape(outputs, [-1, leaves * leafSize]);
      for (const layer of layers) {
        x = tf.relu(linear(layerNorm(x, layer.norm, params), layer.linear, { params, ops }));
      }
      return x;
    },
  };
}

/** The released code's additional Linear after the join. */
export function withExtraLinear(join: Join): Join {
  const { size } = join;
  return {
    specs: [...join.specs, ...linearSpecs("join.extra", { inputs: size, outputs: size })],
    size,
    multiplyAdds: join.multiplyAdds + size * size,
    apply: (leaves, params, ops) => linear(join.apply(leaves, params, ops), "join.extra", { params, ops }),
  };
}
