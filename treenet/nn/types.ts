/**
 * The nouns of the science: weights are values, models are pure functions over them.
 *
 * Shapes: N images, H × W pixels, m leaves, C channels, D features. Images are float32 [N, H, W, 3] after the
 * ImageNet mean/std normalisation. The caller of a function owns the tensors that it returns and disposes of them.
 *
 * @module
 */
import type { Tensor, Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import type { z } from "zod";

/** Named weights. */
export type Params = Readonly<Record<string, Tensor>>;

/** One parameter tensor: how it is drawn, stored and optimised. */
export interface ParameterSpec {
  /** Dotted, PyTorch style: `leaves.conv1.weight`. */
  readonly name: string;
  /**
   * Shape in memory; grouped parameters have the leaf axis first: [m, k, k, in, out], [m, in, out], [m, out].
   */
  readonly shape: readonly number[];
  /** Order of axes in safetensors: conv OIHW (grouped: [m·out, in, k, k]), linear [out, in]. */
  readonly layout: "conv" | "grouped-conv" | "linear" | "grouped-linear" | "plain";
  /** Equal parts of this tensor that are clipped one by one: its leaves, except in the reading `grouped`. @default 1 */
  readonly groups?: number;
  readonly init: Init;
  /** `buffer`: running statistics, saved but not trained. `fixed`: counted as a parameter, never trained. @default "trained" */
  readonly role?: "trained" | "buffer" | "fixed";
  /** False for biases and for parameters that are 1-D per leaf. */
  readonly decay: boolean;
}

/** Initial values. */
export type Init =
  | { readonly type: "constant"; readonly value: number }
  | { readonly type: "uniform"; readonly bound: number }
  | { readonly type: "normal"; readonly std: number }
  /** Cut at ±2 (absolute), as timm's and DINO's trunc_normal_. */
  | { readonly type: "truncated-normal"; readonly std: number };

/** A stack of disconnected convolutional pathways: [GroupNorm →] conv → ReLU, repeated, then global average pooling. */
export interface PathwaySpec {
  /** m. */
  readonly leaves: number;
  /** Output channels of each convolution, of one leaf. */
  readonly channels: readonly number[];
  readonly kernel: number;
  /** One per convolution. */
  readonly strides: readonly number[];
}

/** Weights of a PathwaySpec, one entry a convolution; images have 3 channels, shared by every leaf. */
export interface PathwayParams {
  /** [m, k, k, in, out] */
  readonly weights: readonly Tensor[];
  /** [m, out] */
  readonly biases: readonly Tensor[];
  /** GroupNorm(1 group, eps 1e-5) before convolution i ≥ 1: [m, in]; entry 0 belongs to convolution 1. */
  readonly gammas: readonly Tensor[];
  readonly betas: readonly Tensor[];
}

/**
 * The operations that dominate the computing time, one implementation a backend. All are differentiable by
 * tf.grads with respect to every tensor argument, and compute the same on every backend.
 */
export interface Ops {
  /** `wasm`, `cpu`. */
  readonly name: string;
  /** All pathways in one pass: images [N, H, W, 3] → [N, m, C], C the last channel count. */
  pathways(images: Tensor4D, params: PathwayParams, spec: PathwaySpec): Tensor3D;
  /**
   * Gradient of Σ(pooled ⊙ gradient) with respect to each pixel, through leaf j alone, one map a leaf. images
   * [N, H, W, 3], gradient [N, m, C] → float32 [N, m, H, W, 3], row-major.
   */
  pathwayGradients(
    images: Tensor4D,
    params: PathwayParams,
    spec: PathwaySpec,
    gradient: Tensor3D,
  ): Float32Array;
  /** x [N, m, C], w [m, C, D], b [m, D] → [N, m, D]: m separate linear layers. */
  groupedLinear(x: Tensor3D, w: Tensor3D, b: Tensor2D): Tensor3D;
  /** x [N, K], w [K, D] → [N, D]. */
  matMul(x: Tensor2D, w: Tensor2D): Tensor2D;
  /** x [N, H, W, C], w [k, k, C, O], zero padding `pad` on every side → [N, H', W', O]. */
  conv2d(
    x: Tensor4D,
    w: Tensor4D,
    options: { readonly stride: number; readonly pad: number },
  ): Tensor4D;
  /**
   * Batch normalisation over all axes of x [N, H, W, C] but the last, γ and β [C], then a ReLU if asked for; absent where
   * the backend has no operation of its own. Gradients flow through y alone.
   */
  batchNorm?(inputs: {
    readonly x: Tensor4D;
    readonly gamma: Tensor;
    readonly beta: Tensor;
    readonly epsilon: number;
    readonly relu: boolean;
  }): BatchNormalised;
  /** max(a + b, 0) of one shape; absent where the backend has no operation of its own. */
  rectifiedSum?(a: Tensor4D, b: Tensor4D): Tensor4D;
  /** Loops over host arrays, for the parameter update; absent where the backend has none of its own. */
  readonly loops?: Loops;
  /** Arrays on which `loops` are fast; absent where any arrays are. */
  readonly arrays?: SharedArrays;
  /** Ends worker threads and frees kernel memory. */
  close(): void;
}

/** Host arrays that all threads of a backend reach. */
export interface SharedArrays {
  /** Bytes that may still be taken: the rest of the memory is for activations. */
  readonly limit: number;
  /** Zeros that take the backend's memory until they are freed or it closes. Throws a RangeError where it is full. */
  zeros(length: number): Float32Array;
  /** Gives such an array back, which cannot be used any more. */
  free(x: Float32Array): void;
  /** Copies a tensor's numbers into such an array. */
  read(tensor: Tensor, to: Float32Array): void;
}

/** A normalised batch and its statistics. */
export interface BatchNormalised {
  /** [N, H, W, C] */
  readonly y: Tensor4D;
  /** [C] */
  readonly mean: Tensor;
  /** [C], unbiased. */
  readonly variance: Tensor;
}

/** Passed to `apply`. */
export interface Pass {
  readonly ops: Ops;
  /** Batch statistics instead of running ones, where a model has any. */
  readonly training: boolean;
  /** Weight of this batch in the running statistics. @default 0.1 */
  readonly momentum?: number;
  /**
   * Receives each inner layer's output [N, D], in the order of the pass: `pooled`, `leaves`, `join.linear1`, …; it keeps
   * what it wants to use later.
   */
  readonly tap?: (layer: string, output: Tensor2D) => void;
}

export interface Encoding {
  /** [N, m, D], trees only: each leaf's output. */
  readonly leaves?: Tensor3D;
  /** [N, D] */
  readonly embedding: Tensor2D;
  /** Running statistics after this batch (training passes of models with buffers only). */
  readonly buffers?: Params;
}

/** An architecture with its sizes fixed. */
export interface Encoder {
  readonly specs: readonly ParameterSpec[];
  /** m; 1 for single-path nets. */
  readonly leaves: number;
  /** D of the embedding. */
  readonly size: number;
  /**
   * Features of a leaf, where the leaves are trained independently: each has heads and a loss of its own, and the embedding,
   * whose gradient does not reach the leaves, others.
   */
  readonly independent?: { readonly leafSize: number };
  /** Convolution and linear weights applied per image of `pixels` × `pixels`. */
  multiplyAdds(pixels: number): number;
  /** Pure: the same weights and images give the same encoding. Differentiable in every trained parameter. */
  apply(params: Params, images: Tensor4D, pass: Pass): Encoding;
  /** The pathway stack of trees and of the CNN, for saliency; absent where there is none. */
  readonly pathways?: {
    readonly spec: PathwaySpec;
    params(params: Params): PathwayParams;
    /** pooled [N, m, C] → encoding: everything after the pathways. */
    finish(params: Params, pooled: Tensor3D, pass: Pass): Encoding;
    /** Leaf outputs [N, m, D] → embedding: everything after the leaves. Trees only. */
    join?(params: Params, leaves: Tensor3D, pass: Pass): Tensor2D;
  };
}

/** Default export of a file in `models/`: a new architecture is one new file. */
export interface Model<Config = unknown> {
  /** Its section of a profile: `models.<name>`. */
  readonly config: z.ZodType<Config>;
  readonly build: (config: Config) => Encoder;
  /** The row's channel depths as Table 1 prints them, from the configuration. */
  readonly channels: (config: Config) => string;
  /** The model only serves for comparison. @default false */
  readonly control?: boolean;
}

/** The loops that an update is made of. */
export interface Loops {
  /**
   * Σ x², in four sums that are added pairwise: number i belongs to sum i mod 4; the numbers after the last
   * complete four belong to the first sum.
   */
  squares(x: Float32Array): number;
  /** x ← factor · x */
  scale(x: Float32Array, factor: number): void;
  /** Moves a parameter and its moments by one step of AdamW, in place. */
  adamw(slot: Slot, gradient: Float32Array, options: UpdateOptions): void;
  /** average ← momentum · average + (1 − momentum) · values */
  ema(average: Float32Array, values: Float32Array, momentum: number): void;
}

/** One parameter and its moments; all arrays of one length. */
export interface Slot {
  readonly weights: Float32Array;
  /** m */
  readonly first: Float32Array;
  /** v */
  readonly second: Float32Array;
}

/** Rates of one update. */
export interface UpdateOptions {
  /** η */
  readonly learningRate: number;
  /** λ */
  readonly weightDecay: number;
  /** t, counted from 1 by the updates of this parameter. */
  readonly update: number;
}
