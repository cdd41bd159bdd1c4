/**
 * Batch normalisation of the wasm backend: statistics, normalisation and ReLU in one operation.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { BatchNormalised, Ops } from "../../nn/types.ts";
import { type BatchNormTask, channelsPerJob } from "./threads/batch_norm_jobs.ts";
import { apply, type Backward } from "./differentiable.ts";
import type { Arena } from "./heap.ts";
import { load, narrow, padded, widen } from "./heap_layout.ts";
import type { Workshop } from "./workshop.ts";

type Inputs = Parameters<NonNullable<Ops["batchNorm"]>>[0];

/** Moments of one batch, as arrays that outlive the kernel's memory. */
interface Moments {
  /** [C] */
  readonly mean: Float32Array;
  /** Biased variance [C]. */
  readonly variance: Float32Array;
}

/** See {@linkcode Ops.batchNorm}. */
export function batchNorm(
  workshop: Workshop,
  { x, gamma, beta, epsilon, relu }: Inputs,
): BatchNormalised {
  const channels = x.shape[3], rows = x.size / channels;
  const pass = new BatchNormPass(workshop, { rows, channels, epsilon, relu });
  const y = apply<tf.Tensor4D>({
    name: "batchNorm",
    inputs: [x.shape, [channels], [channels]],
    shape: x.shape,
    compute(inputs, out) {
      workshop.sweep();
      pass.forward(inputs, out);
    },
    backward: () => pass.backward(),
  }, [x, gamma, beta]);
  const { mean, variance } = pass.moments, unbiased = rows / Math.max(rows - 1, 1);
  return { y, mean: tf.tensor1d(mean), variance: tf.tensor1d(variance.map((value) => value * unbiased)) };
}

interface Shape {
  readonly rows: number;
  readonly channels: number;
  readonly epsilon: number;
  readonly relu: boolean;
}

/** One forward pass and its backward pass. */
class BatchNormPass {
  readonly #workshop: Workshop;
  readonly #shape: Shape;
  #moments: Moments | undefined;

  constructor(workshop: Workshop, shape: Shape) {
    [this.#workshop, this.#shape] = [workshop, shape];
  }

  /** Moments of the batch, known after `forward`. */
  get moments(): Moments {
    return this.#moments!;
  }

  /** inputs: x, γ, β */
  forward(inputs: readonly Float32Array[], out: Float32Array): void {
    using arena = this.#workshop.heap.arena();
    const { channels } = this.#shape, width = padded(channels), task = this.#load(inputs, arena);
    this.#run(task);
    const moments = this.#workshop.heap.floats(task.moments, 2 * width);
    this.#moments = {
      mean: moments.slice(0, channels),
      variance: moments.slice(width, width + channels),
    };
    this.#read(task.out, out);
  }

  /** Computes all three gradients together, when the first of them is asked for. */
  backward(): Backward {
    let found: readonly [Float32Array, Float32Array] | undefined;
    let dx: Float32Array | undefined;
    return (index, { dy, inputs, out }) => {
      if (found === undefined) {
        if (index !== 0) dx = new Float32Array(dy.length);
        found = this.#gradients({ dy, inputs }, index === 0 ? out : dx!);
      } else if (index === 0) out.set(dx!);
      if (index > 0) out.set(found[index - 1]);
    };
  }

  #gradients(
    { dy, inputs }: { readonly dy: Float32Array; readonly inputs: readonly Float32Array[] },
    dx: Float32Array,
  ): readonly [Float32Array, Float32Array] {
    using arena = this.#workshop.heap.arena();
    const { channels } = this.#shape, width = padded(channels), { heap } = this.#workshop;
    const task = this.#load(inputs, arena), [dgamma, dbeta] = [arena.floats(width), arena.floats(width)];
    widen(this.moments.mean, heap.floats(task.moments, width), channels);
    widen(this.moments.variance, heap.floats(task.moments + 4 * width, width), channels);
    this.#run({ ...task, backward: { dy: this.#write(dy, arena), dgamma, dbeta } });
    this.#read(task.out, dx);
    return [heap.floats(dgamma, channels).slice(), heap.floats(dbeta, channels).slice()];
  }

  #load([x, gamma, beta]: readonly Float32Array[], arena: Arena): BatchNormTask {
    const { rows, channels, epsilon, relu } = this.#shape, width = padded(channels);
    const [xAt, gammaAt, betaAt] = [x, gamma, beta].map((values) => this.#write(values, arena));
    const [moments, out] = [arena.floats(2 * width), arena.floats(rows * width)];
    return {
      type: "batch-norm",
      ...{ rows, width, epsilon, relu, moments, out, x: xAt, gamma: gammaAt, beta: betaAt },
      channelsPerJob: channelsPerJob(width),
    };
  }

  #run(task: BatchNormTask): void {
    this.#workshop.team.run(task, Math.ceil(task.width / task.channelsPerJob));
  }

  #write(values: Float32Array, arena: Arena): number {
    return load(values, this.#shape.channels, { arena, heap: this.#workshop.heap });
  }

  #read(address: number, out: Float32Array): void {
    const { rows, channels } = this.#shape;
    narrow(this.#workshop.heap.floats(address, rows * padded(channels)), out, channels);
  }
}
