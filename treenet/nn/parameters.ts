/**
 * Weights as values: drawn from specifications, counted, and lent to the backend for one pass.
 *
 * They live on the host as float32 arrays, in the in-memory layouts of {@linkcode ParameterSpec}; a training step
 * uploads them, computes, and lets the tensors go. Optimiser and EMA are then loops over arrays, which a backend may have
 * in a memory of its own.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type Random, random } from "../random.ts";
import type { Init, ParameterSpec, Params } from "./types.ts";

/** Values by parameter name. */
export type Weights = Readonly<Record<string, Float32Array>>;

/** Draws every parameter from its own stream, named by the seed and the parameter: adding one moves no other. */
export function initialise(specs: readonly ParameterSpec[], seed: number): Weights {
  return Object.fromEntries(
    specs.map((spec) => [spec.name, draw(spec.init, { size: sizeOf(spec), stream: streamOf(spec, seed) })]),
  );
}

/** Parameters as papers count them: trained and fixed ones, no running statistics. */
export function countParameters(specs: readonly ParameterSpec[]): number {
  return specs.filter((spec) => spec.role !== "buffer").reduce((sum, spec) => sum + sizeOf(spec), 0);
}

/** Number of values. */
export function sizeOf(spec: ParameterSpec): number {
  return spec.shape.reduce((product, extent) => product * extent, 1);
}

/** Receives gradients: neither a running statistic nor fixed. */
export function isTrained(spec: ParameterSpec): boolean {
  return (spec.role ?? "trained") === "trained";
}

/**
 * Tensors of the weights; the caller disposes of them before it writes to the arrays again (the `cpu` backend reads
 * them in place).
 */
export function upload(specs: readonly ParameterSpec[], weights: Weights): Params {
  return Object.fromEntries(specs.map((spec) => [spec.name, tf.tensor(weights[spec.name], [...spec.shape])]));
}

/** A copy that shares no storage, in arrays that `zeros` makes. */
export function copyWeights(
  weights: Weights,
  zeros: (length: number) => Float32Array = (length) => new Float32Array(length),
): Weights {
  return Object.fromEntries(
    Object.entries(weights).map(([name, values]) => {
      const copy = zeros(values.length);
      copy.set(values);
      return [name, copy];
    }),
  );
}

/** Zeros of the same sizes, for moments and gradients. */
export function zerosLike(specs: readonly ParameterSpec[]): Weights {
  return Object.fromEntries(specs.map((spec) => [spec.name, new Float32Array(sizeOf(spec))]));
}

/** The entries whose names start with `prefix`, which is taken off; tensors are shared, not copied. */
export function within<T>(named: Readonly<Record<string, T>>, prefix: string): Readonly<Record<string, T>> {
  return Object.fromEntries(
    Object.entries(named).filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );
}

const STREAM = 0x1417; // keeps these draws apart from those of views and of epochs with the same seed

function streamOf(spec: ParameterSpec, seed: number): Random {
  return random(seed, fnv1a(spec.name), STREAM);
}

function draw(init: Init, { size, stream }: { size: number; stream: Random }): Float32Array {
  const sample = sampler(init, stream);
  return Float32Array.from({ length: size }, sample);
}

function sampler(init: Init, stream: Random): () => number {
  switch (init.type) {
    case "constant":
      return () => init.value;
    case "uniform":
      return () => (2 * stream.uniform() - 1) * init.bound;
    case "normal":
      return () => init.std * stream.normal();
    case "truncated-normal":
      return () => truncated(init.std, stream);
  }
}

function truncated(std: number, stream: Random): number {
  for (;;) {
    const value = std * stream.normal();
    if (Math.abs(value) <= 2) return value;
  }
}

/** Fowler, Noll and Vo's 32-bit hash of a name. */
function fnv1a(name: string): number {
  let hash = 0x811c9dc5;
  for (const char of name) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  return hash;
}
