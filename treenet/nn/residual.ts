/**
 * Residual bottleneck blocks (He et al., 2016), as torchvision builds and names them: 1×1 → 3×3 (which carries the
 * stride) → 1×1 with four times the channels, each followed by batch normalisation.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { batchNorm, batchNormSpecs } from "./batch_norm.ts";
import { tidy } from "./tensors.ts";
import type { ParameterSpec, Params, Pass } from "./types.ts";

/** Output channels of a block for each of its inner ones. */
export const EXPANSION = 4;

/** One convolution and the batch normalisation after it. */
export interface ConvNorm {
  /** Name of the convolution: `layer1.0.conv1`. */
  readonly conv: string;
  /** Name of the batch normalisation: `layer1.0.bn1`. */
  readonly norm: string;
  readonly kernel: number;
  readonly stride: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** A bottleneck: three convolutions in a row, and one on the shortcut where the shape changes. */
export interface Block {
  readonly path: readonly [ConvNorm, ConvNorm, ConvNorm];
  readonly shortcut?: ConvNorm;
}

/** Activations, and the running statistics after this batch. */
export interface Flow {
  readonly x: tf.Tensor4D;
  readonly buffers: Params;
}

/** Weights, and how they are used. */
export interface Layers {
  readonly params: Params;
  readonly pass: Pass;
}

/** @param options.width inner channels */
export function block(
  name: string,
  options: { readonly inputs: number; readonly width: number; readonly stride: number },
): Block {
  const { inputs, width, stride } = options;
  const outputs = EXPANSION * width;
  const at = (i: number) => ({ conv: `${name}.conv${i}`, norm: `${name}.bn${i}`, stride: 1 });
  const changes = stride > 1 || inputs !== outputs;
  return {
    path: [
      { ...at(1), kernel: 1, inputs, outputs: width },
      { ...at(2), kernel: 3, inputs: width, outputs: width, stride },
      { ...at(3), kernel: 1, inputs: width, outputs },
    ],
    shortcut: changes
      ? {
        conv: `${name}.downsample.0`,
        norm: `${name}.downsample.1`,
        kernel: 1,
        stride,
        inputs,
        outputs,
      }
      : undefined,
  };
}

/** Every convolution of a block. */
export function layersOf({ path, shortcut }: Block): readonly ConvNorm[] {
  return shortcut === undefined ? path : [...path, shortcut];
}

/** Convolution weights kaiming-normal with fan_out (He et al., 2015), without bias; γ 1, β 0. */
export function convNormSpecs(layer: ConvNorm): readonly ParameterSpec[] {
  const { kernel, inputs, outputs } = layer;
  return [
    {
      name: `${layer.conv}.weight`,
      shape: [kernel, kernel, inputs, outputs],
      layout: "conv",
      init: { type: "normal", std: Math.sqrt(2 / (outputs * kernel ** 2)) },
      decay: true,
    },
    ...batchNormSpecs(layer.norm, outputs),
  ];
}

/** x [N, H, W, in] → [N, H', W', out], H' = ⌈H / stride⌉. The caller tidies. */
export function convNorm(
  { x, buffers }: Flow,
  layer: ConvNorm,
  { params, pass, relu }: Layers & { readonly relu: boolean },
): Flow {
  const convolved = pass.ops.conv2d(x, params[`${layer.conv}.weight`] as tf.Tensor4D, {
    stride: layer.stride,
    pad: padOf(layer),
  });
  const normalised = batchNorm(convolved, layer.norm, { params, pass, relu });
  return { x: normalised.y, buffers: { ...buffers, ...normalised.buffers } };
}

/** x [N, H, W, in] → [N, H', W', 4 · width]. Frees all that the gradient does not need. */
export function residual(flow: Flow, { path, shortcut }: Block, layers: Layers): Flow {
  const { ops } = layers.pass;
  const sum = (a: tf.Tensor4D, b: tf.Tensor4D) => ops.rectifiedSum?.(a, b) ?? rectifiedSum(a, b);
  const { x, buffers } = tidy(() => {
    const [reduce, transform, expand] = path;
    const first = convNorm({ ...flow, buffers: {} }, reduce, { ...layers, relu: true });
    const second = convNorm(first, transform, { ...layers, relu: true });
    const last = convNorm(second, expand, { ...layers, relu: false });
    if (shortcut === undefined) return { x: sum(last.x, flow.x), buffers: last.buffers };
    const straight = convNorm({ ...flow, buffers: last.buffers }, shortcut, { ...layers, relu: false });
    return { x: sum(last.x, straight.x), buffers: straight.buffers };
  });
  return { x, buffers: { ...flow.buffers, ...buffers } };
}

/** max(a + b, 0), which stores only its output for the gradient: the next layer stores that anyway. */
function rectifiedSum(a: tf.Tensor4D, b: tf.Tensor4D): tf.Tensor4D {
  const sum = tf.customGrad((...inputs) => {
    const [a, b, save] = inputs as unknown as [tf.Tensor, tf.Tensor, (tensors: tf.Tensor[]) => void];
    const value = tf.relu(tf.add(a, b));
    save([value]);
    const gradFunc = (dy: tf.Tensor, [y]: tf.Tensor[]) => {
      const passed = tf.mul(dy, tf.step(y));
      return [passed, tf.clone(passed)];
    };
    return { value, gradFunc };
  });
  return sum(a, b) as tf.Tensor4D;
}

/** Side of the output for a side of the input, pixels. */
export function sizeAfter(layer: ConvNorm, size: number): number {
  return Math.floor((size + 2 * padOf(layer) - layer.kernel) / layer.stride) + 1;
}

/** Weights applied to an input of `size` × `size`, those on padding included, as is usual. */
export function convMultiplyAdds(layer: ConvNorm, size: number): number {
  return sizeAfter(layer, size) ** 2 * layer.kernel ** 2 * layer.inputs * layer.outputs;
}

function padOf({ kernel }: ConvNorm): number {
  return (kernel - 1) / 2;
}
