/**
 * Stand-ins for what a stage reads: the time of a computation does not depend on the values.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { LabelledFeatures } from "../treenet/probe/features.ts";
import { sizeOf, type Weights } from "../treenet/parameters.ts";
import { random } from "../treenet/random.ts";
import type { Encoder, ParameterSpec } from "../treenet/types.ts";

/** Numbers drawn; longer arrays repeat them, as drawing millions would take seconds. */
const DRAWN = 4099;

/** Bytes of `count` images of `size` pixels on a side. */
export function images(count: number, size: number): Uint8Array<ArrayBuffer> {
  const stream = random(1);
  return repeated(new Uint8Array(count * size * size * 3), () => 256 * stream.uniform());
}

/** Weights as small as initial ones. */
export function weights(specs: readonly ParameterSpec[]): Weights {
  return Object.fromEntries(
    specs.map((spec) => [spec.name, repeated(new Float32Array(sizeOf(spec)), drawOf(spec))]),
  );
}

function drawOf({ init, shape }: ParameterSpec): () => number {
  if (init.type === "constant") return () => init.value;
  const stream = random(2), fan = shape.slice(1, -1).reduce((product, extent) => product * extent, 1);
  return () => stream.normal() / Math.sqrt(fan);
}

/** Features of ten classes that overlap. */
export function features(count: number, size: number): LabelledFeatures {
  const stream = random(3);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
  const x = Float32Array.from(
    { length: count * size },
    (_, at) => Math.abs(stream.normal() + (Math.floor(at / size) + at % size) % 10 / 10),
  );
  return { x, labels, size };
}

/** An encoder that does nothing: its embedding is `size` pixels of the image. */
export function idleEncoder(size: number): Encoder {
  return {
    specs: [],
    leaves: 1,
    size,
    multiplyAdds: () => 0,
    apply: (_, images) =>
      tf.tidy(() => {
        const count = images.shape[0], flat = tf.reshape(images, [count, -1]) as tf.Tensor2D;
        const copies = Math.ceil(size / flat.shape[1]);
        return { embedding: tf.slice(tf.tile(flat, [1, copies]), [0, 0], [count, size]) };
      }),
  };
}

function repeated<T extends Uint8Array | Float32Array>(array: T, value: () => number): T {
  for (let i = 0; i < Math.min(DRAWN, array.length); i++) array[i] = value();
  for (let done = DRAWN; done < array.length; done *= 2) array.copyWithin(done, 0, done);
  return array;
}
