/**
 * A stack of pathways on images of one size: its geometry, and its weights in the kernel's memory.
 *
 * @module
 */
import type { PathwaySpec } from "../../nn/types.ts";
import { type Batch, deal } from "./batch.ts";
import { PANEL, parts } from "./threads/convolution_jobs.ts";
import { type Geometry, isTiled, outputSize } from "../geometry.ts";
import type { Arena } from "./heap.ts";
import { padded } from "./heap_layout.ts";
import type { PathwayLayer } from "./threads/pathway_task.ts";
import { SQUARE } from "./threads/tiled_jobs.ts";
import type { Workshop } from "./workshop.ts";

/** Name of a parameter of one layer, as {@linkcode PathwayLayer} places them. */
export type Part = keyof PathwayLayer["offsets"];

/** Shapes of a stack, before anything is in memory. */
export interface Stack {
  readonly spec: PathwaySpec;
  readonly batch: Batch;
  readonly layers: readonly StackLayer[];
  /** Floats of one leaf's parameters, and of their gradients. */
  readonly floats: number;
  /** [N, H, W, 3] */
  readonly imageShape: readonly number[];
  /** [N, m, C] */
  readonly outputShape: readonly [number, number, number];
}

/** A layer of one leaf: its channels before padding, and float offsets of its parameters in the leaf's. */
export interface StackLayer {
  readonly geometry: Geometry;
  readonly pixelsIn: number;
  readonly pixelsOut: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly offsets: PathwayLayer["offsets"];
}

const JOBS = 16; // at least, where the images are enough for them
const FEWER_JOBS = 8; // where each job holds more than HEAVY gradients
const HEAVY = 2 ** 20; // floats
const TILED_PIXELS = 96; // pixels of the smallest map that a block should have, to fill tiles of five

/** Lays a stack out. Throws a RangeError where the images are too small. */
export function layOutStack(spec: PathwaySpec, imageShape: readonly number[]): Stack {
  const [images, height, width, channels] = imageShape;
  const layers: StackLayer[] = [];
  let [floats, size, inputs] = [0, { height, width }, channels];
  for (const [l, outputs] of spec.channels.entries()) {
    const { layer, end } = layOutLayer(spec, { l, ...size, inputs, outputs, from: floats });
    layers.push(layer);
    [floats, inputs] = [end, outputs];
    size = { height: outputSize(size.height, layer.geometry), width: outputSize(size.width, layer.geometry) };
  }
  const smallest = Math.min(...layers.map(({ pixelsOut }) => pixelsOut));
  const block = Math.min(12, Math.ceil(TILED_PIXELS / smallest));
  const chunks = Math.ceil((floats > HEAVY ? FEWER_JOBS : JOBS) / spec.leaves);
  return {
    spec,
    batch: deal(images, { block, chunks }),
    layers,
    floats: 16 * Math.ceil(floats / 16),
    imageShape,
    outputShape: [images, spec.leaves, inputs],
  };
}

function layOutLayer(
  { kernel, strides }: PathwaySpec,
  { l, height, width, inputs, outputs, from }: {
    readonly l: number;
    readonly height: number;
    readonly width: number;
    readonly inputs: number;
    readonly outputs: number;
    readonly from: number;
  },
): { readonly layer: StackLayer; readonly end: number } {
  if (Math.min(height, width) < kernel) {
    throw new RangeError(
      `Cannot convolve ${height} × ${width} pixels in layer ${
        l + 1
      }: its ${kernel} × ${kernel} kernel is larger, ` +
        `use larger images, fewer layers or smaller strides`,
    );
  }
  const [inWidth, outWidth] = [padded(inputs), padded(outputs)];
  const geometry = { height, width, kernel, stride: strides[l], pad: 0, inputs: inWidth, outputs: outWidth };
  const bias = from + kernel * kernel * inWidth * outWidth, gamma = bias + outWidth, beta = gamma + inWidth;
  const pixelsOut = outputSize(height, geometry) * outputSize(width, geometry);
  const offsets = { weights: from, bias, gamma, beta };
  return {
    layer: { geometry, pixelsIn: height * width, pixelsOut, inputs, outputs, offsets },
    end: beta + inWidth,
  };
}

/** Layer and part of each parameter tensor, in the operation's order: weights, biases, gammas, betas. */
export function parameterPlaces(
  stack: Stack,
): readonly { readonly layer: StackLayer; readonly part: Part }[] {
  const all = (part: Part, layers: readonly StackLayer[]) => layers.map((layer) => ({ layer, part }));
  const normalised = stack.layers.slice(1);
  return [
    ...all("weights", stack.layers),
    ...all("bias", stack.layers),
    ...all("gamma", normalised),
    ...all("beta", normalised),
  ];
}

/** Shapes of the operation's inputs: images, then the parameters. */
export function inputShapes(stack: Stack): readonly (readonly number[])[] {
  const { leaves, kernel } = stack.spec;
  const parameters = parameterPlaces(stack).map(({ layer: { inputs, outputs }, part }) =>
    part === "weights"
      ? [leaves, kernel, kernel, inputs, outputs]
      : [leaves, part === "bias" ? outputs : inputs]
  );
  return [stack.imageShape, ...parameters];
}

/**
 * Copies the parameters of all leaves into memory as [m, stack.floats]; returns the address. Weights keep
 * their own shape, the other parameters are padded.
 */
export function loadParameters(
  stack: Stack,
  tensors: readonly Float32Array[],
  { arena, heap }: { readonly arena: Arena; readonly heap: Workshop["heap"] },
): number {
  const { spec, floats } = stack, address = arena.floats(spec.leaves * floats);
  const all = heap.floats(address, spec.leaves * floats).fill(0);
  for (const [i, { layer, part }] of parameterPlaces(stack).entries()) {
    const each = tensors[i].length / spec.leaves;
    for (let leaf = 0; leaf < spec.leaves; leaf++) {
      all.set(tensors[i].subarray(leaf * each, (leaf + 1) * each), leaf * floats + layer.offsets[part]);
    }
  }
  return address;
}

/** Packs one layer's weights of every leaf; returns the address. See kernel/convolution.as. */
export function packLayer(
  { spec, floats }: Stack,
  { geometry, inputs, outputs, offsets }: StackLayer,
  { parameters, transposed, arena, workshop }: {
    readonly parameters: number;
    readonly transposed: boolean;
    readonly arena: Arena;
    readonly workshop: Workshop;
  },
): { readonly address: number; readonly group: number } {
  const taps = spec.kernel ** 2;
  const [run, width] = transposed ? [geometry.outputs, geometry.inputs] : [geometry.inputs, geometry.outputs];
  const tiled = isTiled(geometry), panels = parts(width, PANEL);
  const size = panels * (tiled ? SQUARE : taps) * run * PANEL;
  const packed = { address: arena.floats(spec.leaves * size), group: 4 * size };
  const weights = { address: parameters + 4 * offsets.weights, group: 4 * floats };
  const panelsPerJob = Math.ceil(panels * spec.leaves / JOBS);
  workshop.team.run(
    { type: "pack", weights, packed, taps, inputs, outputs, run, transposed, tiled, panels, panelsPerJob },
    spec.leaves * parts(panels, panelsPerJob),
  );
  return packed;
}
