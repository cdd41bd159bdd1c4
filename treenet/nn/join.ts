/**
 * The aggregation A(z₁, …, z_m) over the leaves' outputs: {@linkcode averageJoin}, {@linkcode denseJoin} or
 * {@linkcode concatenation}.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { layerNorm, layerNormSpecs } from "./layer_norm.ts";
import { flat } from "./leaves.ts";
import { linear, linearSpecs } from "./linear.ts";
import type { ParameterSpec, Params, Pass } from "./types.ts";

/** Map from leaves [N, m, D] to the embedding. */
export interface Join {
  readonly specs: readonly ParameterSpec[];
  /** Features of the embedding. */
  readonly size: number;
  readonly multiplyAdds: number;
  apply(leaves: tf.Tensor3D, params: Params, pass: Pass): tf.Tensor2D;
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

/** The leaves' outputs side by side. */
export function concatenation({ leaves, leafSize }: JoinInput): Join {
  return { specs: [], size: leaves * leafSize, multiplyAdds: 0, apply: (leaves) => flat(leaves) };
}

/** Layers of {@linkcode denseJoin}. */
export interface DenseLayers {
  readonly joinWidths: readonly number[];
  /** False where the last layer ends without its ReLU. */
  readonly finalRelu: boolean;
}

/** Concatenation, then [LayerNorm → Linear → ReLU] to each of the widths in turn. */
export function denseJoin(
  { leaves, leafSize }: JoinInput,
  { joinWidths: widths, finalRelu }: DenseLayers,
): Join {
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
    apply(outputs, params, { ops, tap }) {
      let x = flat(outputs);
      for (const [i, layer] of layers.entries()) {
        x = linear(layerNorm(x, layer.norm, params), layer.linear, { params, ops });
        tap?.(layer.linear, x);
        if (i === layers.length - 1 && !finalRelu) break;
        x = tf.relu(x);
        tap?.(`join.relu${i + 1}`, x);
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
    apply: (leaves, params, pass) =>
      linear(join.apply(leaves, params, pass), "join.extra", { params, ops: pass.ops }),
  };
}
