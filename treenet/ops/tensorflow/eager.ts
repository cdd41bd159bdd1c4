/**
 * TensorFlow's operations by their own names, without the checks and gradients of TensorFlow.js. One of those
 * checks refuses grouped convolutions, which TensorFlow itself has.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { OWN } from "./kernels.ts";
import type { Attribute, Binding, NodeBackend } from "./library.ts";

/** Values of attributes by name, except the type of tensors, which is float32 everywhere. */
export type Attributes = Readonly<Record<string, string | boolean | readonly number[]>>;

/** Stride and padding of a convolution; `SAME` only at stride 1, where both sides are padded alike. */
export interface Sliding {
  readonly stride: number;
  readonly padding: "VALID" | "SAME";
}

/** Axes of a reduction. */
export type Axes = "3" | "1,2" | "1,3" | "1,2,3";

/** Runs operations one by one. The caller disposes of results, or works in a `tf.tidy`. */
export class Eager implements Disposable {
  readonly #backend: NodeBackend;
  readonly #type: Attribute;
  readonly #indexType: Attribute;
  readonly #axes: Readonly<Record<Axes, tf.Tensor>>;

  constructor(backend: NodeBackend) {
    const { binding } = backend;
    this.#backend = backend;
    this.#type = { name: "T", type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
    this.#indexType = { name: "Tidx", type: binding.TF_ATTR_TYPE, value: binding.TF_INT32 };
    const axes = (...list: number[]) => tf.keep(tf.tensor1d(list, "int32"));
    this.#axes = { "3": axes(3), "1,2": axes(1, 2), "1,3": axes(1, 3), "1,2,3": axes(1, 2, 3) };
  }

  /** True if operations run on a GPU. */
  get gpu(): boolean {
    return this.#backend.isUsingGpuDevice;
  }

  /** x [N, H, W, C], w [k, k, C / g, O]; g > 1 if w has fewer input channels than x. */
  conv2d(x: tf.Tensor, w: tf.Tensor, sliding: Sliding): tf.Tensor {
    return this.run("Conv2D", [x, w], convolution(sliding));
  }

  /** Gradient by the input, of shape `shape`. */
  conv2dInput(dy: tf.Tensor, w: tf.Tensor, { shape, ...sliding }: Sliding & WithShape): tf.Tensor {
    return this.#withShape(
      shape,
      (size) => this.run("Conv2DBackpropInput", [size, w, dy], convolution(sliding)),
    );
  }

  /** Gradient by the weights, of shape `shape`. */
  conv2dWeights(x: tf.Tensor, dy: tf.Tensor, { shape, ...sliding }: Sliding & WithShape): tf.Tensor {
    return this.#withShape(
      shape,
      (size) => this.run("Conv2DBackpropFilter", [x, size, dy], convolution(sliding)),
    );
  }

  /** Product of a [m, k] and b [k, n], or of their transposes. */
  matMul(
    a: tf.Tensor,
    b: tf.Tensor,
    transposed: { readonly a?: boolean; readonly b?: boolean } = {},
  ): tf.Tensor {
    const { a: transpose_a = false, b: transpose_b = false } = transposed;
    return this.run("MatMul", [a, b], { transpose_a, transpose_b });
  }

  /** Product of a [m, k] and the transpose of b [n, k]; as a batch of one, because MatMul is slow here. */
  matMulTransposed(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
    const batch = ({ shape }: tf.Tensor) => [1, shape[0], shape[1]!];
    const product = this.batchMatMul(tf.reshape(a, batch(a)), tf.reshape(b, batch(b)), { b: true });
    return tf.reshape(product, [a.shape[0], b.shape[0]]);
  }

  /** Products of several pairs: [g, m, k] · [g, k, n]. */
  batchMatMul(
    a: tf.Tensor,
    b: tf.Tensor,
    transposed: { readonly a?: boolean; readonly b?: boolean } = {},
  ): tf.Tensor {
    const { a: adj_x = false, b: adj_y = false } = transposed;
    return this.run("BatchMatMulV2", [a, b], { adj_x, adj_y });
  }

  /** a + b, with broadcasting; likewise the operations below. */
  add(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
    return this.run("AddV2", [a, b]);
  }
  sub(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
    return this.run("Sub", [a, b]);
  }
  mul(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
    return this.run("Mul", [a, b]);
  }
  square(x: tf.Tensor): tf.Tensor {
    return this.run("Square", [x]);
  }

  /** A scalar. */
  number(value: number): tf.Tensor {
    return tf.scalar(value, "float32");
  }

  /** Mean over axes, which stay with length 1. */
  mean(x: tf.Tensor, axes: Axes): tf.Tensor {
    return this.#reduce("Mean", x, axes);
  }
  sum(x: tf.Tensor, axes: Axes): tf.Tensor {
    return this.#reduce("Sum", x, axes);
  }

  /** √Σx². */
  norm(x: tf.Tensor, axes: Axes): tf.Tensor {
    return this.#reduce("EuclideanNorm", x, axes);
  }

  /** Sum over all axes but the last. */
  channelSum(x: tf.Tensor): tf.Tensor {
    return this.run("BiasAddGrad", [x], { data_format: "NHWC" });
  }

  /** Batch statistics with the unbiased variance; `reserved` is for {@linkcode batchNormBack}. */
  batchNorm({ x, gamma, beta, epsilon }: {
    readonly x: tf.Tensor;
    readonly gamma: tf.Tensor;
    readonly beta: tf.Tensor;
    readonly epsilon: number;
  }): { readonly outputs: readonly tf.Tensor[]; readonly reserved: readonly tf.Tensor[] } {
    const none = tf.tensor1d([], "float32");
    const inputs = [x, gamma, beta, none, none];
    const all = this.#backend.executeMultipleOutputs(
      "FusedBatchNormV3",
      this.#normalising(epsilon),
      inputs,
      6,
    );
    none.dispose();
    return { outputs: all.slice(0, 3), reserved: all.slice(3) };
  }

  /** Gradients by x, γ and β. */
  batchNormBack({ dy, x, gamma, reserved, epsilon }: {
    readonly dy: tf.Tensor;
    readonly x: tf.Tensor;
    readonly gamma: tf.Tensor;
    readonly reserved: readonly tf.Tensor[];
    readonly epsilon: number;
  }): readonly tf.Tensor[] {
    const inputs = [dy, x, gamma, ...reserved];
    const all = this.#backend.executeMultipleOutputs(
      "FusedBatchNormGradV3",
      this.#normalising(epsilon),
      inputs,
      5,
    );
    tf.dispose(all.slice(3));
    return all.slice(0, 3);
  }

  /** Repeats x along its axes of length 1. */
  broadcast(x: tf.Tensor, shape: readonly number[]): tf.Tensor {
    return this.#withShape(
      shape,
      (size) => this.#backend.executeSingleOutput("BroadcastTo", [this.#type, this.#indexType], [x, size]),
    );
  }

  /** Every `stride`-th row and column of x [N, H, W, C]. */
  thin(x: tf.Tensor, stride: number): tf.Tensor {
    return this.#thinning(x.shape, stride, (range) => this.#indexed("StridedSlice", [x, ...range]));
  }

  /** Gradient by the input, of shape `shape`: zeros at the pixels left out. */
  thinBack(dy: tf.Tensor, { shape, stride }: WithShape & Pick<Sliding, "stride">): tf.Tensor {
    return this.#withShape(
      shape,
      (size) =>
        this.#thinning(shape, stride, (range) => this.#indexed("StridedSliceGrad", [size, ...range, dy])),
    );
  }

  /** Runs one of our own operations, see `kernels.ts`. */
  own(
    name: keyof typeof OWN,
    inputs: readonly tf.Tensor[],
    { epsilon }: { readonly epsilon: number },
  ): readonly tf.Tensor[] {
    const attributes = [{ name: "epsilon", type: this.#backend.binding.TF_ATTR_FLOAT, value: epsilon }];
    return this.#backend.executeMultipleOutputs(name, attributes, inputs, OWN[name]);
  }

  /** Runs one operation with one output. */
  run(name: string, inputs: readonly tf.Tensor[], attributes: Attributes = {}): tf.Tensor {
    return this.#backend.executeSingleOutput(name, [this.#type, ...this.#attributes(attributes)], inputs);
  }

  /** Disposes of the constants. */
  [Symbol.dispose](): void {
    tf.dispose(Object.values(this.#axes));
  }

  #normalising(epsilon: number): Attribute[] {
    const { binding } = this.#backend;
    return [
      this.#type,
      { ...this.#type, name: "U" },
      { name: "epsilon", type: binding.TF_ATTR_FLOAT, value: epsilon },
      ...this.#attributes({ data_format: "NHWC", is_training: true }),
    ];
  }

  #reduce(name: string, x: tf.Tensor, axes: Axes): tf.Tensor {
    const attributes = [this.#type, this.#indexType, ...this.#attributes({ keep_dims: true })];
    return this.#backend.executeSingleOutput(name, attributes, [x, this.#axes[axes]]);
  }

  #indexed(name: string, inputs: readonly tf.Tensor[]): tf.Tensor {
    return this.#backend.executeSingleOutput(
      name,
      [this.#type, { ...this.#indexType, name: "Index" }],
      inputs,
    );
  }

  /** Calls `use` with begin, end and strides of a slice that takes every `stride`-th pixel. */
  #thinning(
    shape: readonly number[],
    stride: number,
    use: (range: readonly tf.Tensor[]) => tf.Tensor,
  ): tf.Tensor {
    const range = [[0, 0, 0, 0], shape, [1, stride, stride, 1]].map((list) =>
      tf.tensor1d([...list], "int32")
    );
    const result = use(range);
    tf.dispose(range);
    return result;
  }

  #withShape(shape: readonly number[], use: (size: tf.Tensor) => tf.Tensor): tf.Tensor {
    const size = tf.tensor1d([...shape], "int32");
    const result = use(size);
    size.dispose();
    return result;
  }

  #attributes(values: Attributes): Attribute[] {
    const { binding } = this.#backend;
    return Object.entries(values).map(([name, value]) => ({ name, type: typeOf(value, binding), value }));
  }
}

interface WithShape {
  readonly shape: readonly number[];
}

function convolution({ stride, padding }: Sliding): Attributes {
  return {
    strides: [1, stride, stride, 1],
    padding,
    data_format: "NHWC",
    dilations: [1, 1, 1, 1],
    use_cudnn_on_gpu: true,
  };
}

function typeOf(value: Attributes[string], binding: Binding): number {
  if (typeof value === "string") return binding.TF_ATTR_STRING;
  return typeof value === "boolean" ? binding.TF_ATTR_BOOL : binding.TF_ATTR_INT;
}
