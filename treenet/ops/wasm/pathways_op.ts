/**
 * The pathway operation of the wasm backend: all leaves of a tree in one pass.
 *
 * @module
 */
import type { PathwaySpec } from "../../nn/types.ts";
import { chunkCount } from "./batch.ts";
import type { Backward, Operation } from "./differentiable.ts";
import type { Arena } from "./heap.ts";
import { load as loadWide, narrow, padded, widen } from "./heap_layout.ts";
import type { PathwayLayer, PathwayTask } from "./threads/pathway_task.ts";
import { scratchBytes } from "./threads/scratch.ts";
import {
  inputShapes,
  layOutStack,
  loadParameters,
  packLayer,
  parameterPlaces,
  type Stack,
} from "./pathway_stack.ts";
import type { Workshop } from "./workshop.ts";

const FLOAT = 4; // bytes
const REDUCED = 16384; // floats of a gradient added up in one job

/** A stack whose images, weights and (if kept) activations are in the kernel's memory. */
interface Loaded {
  readonly stack: Stack;
  readonly arena: Arena;
  readonly images: number;
  readonly parameters: number;
  readonly layers: readonly PathwayLayer[];
}

/**
 * Pathway operation: images [N, H, W, 3], then weights, biases, gammas, betas → [N, m, C].
 *
 * @param options.recording a gradient tape is on: keep activations for the backward pass
 */
export function pathwayOperation(
  workshop: Workshop,
  { spec, imageShape, recording }: {
    readonly spec: PathwaySpec;
    readonly imageShape: readonly number[];
    readonly recording: boolean;
  },
): Operation {
  const stack = layOutStack(spec, imageShape);
  let kept: Loaded | undefined;
  return {
    name: "pathways",
    inputs: inputShapes(stack),
    shape: stack.outputShape,
    compute(inputs, out) {
      workshop.sweep();
      if (recording) {
        kept = load(workshop, stack, { inputs, arena: workshop.arenaOfTape(), keep: true });
        pool(workshop, kept, { step: "forward", out });
      } else {
        using arena = workshop.heap.arena();
        pool(workshop, load(workshop, stack, { inputs, arena, keep: false }), { step: "features", out });
      }
    },
    // TensorFlow.js calls it only for a pass on the tape, and that pass kept its activations.
    backward: () => backward(workshop, kept!),
  };
}

/**
 * Gradient of the pooled output with respect to each pixel, one map a leaf.
 *
 * @param arrays.inputs inputs of the operation
 * @param arrays.dy [N, m, C]
 * @returns [N, m, H, W, 3]
 */
export function pathwayPixelGradients(
  workshop: Workshop,
  { spec, imageShape, inputs, dy }: {
    readonly spec: PathwaySpec;
    readonly imageShape: readonly number[];
    readonly inputs: readonly Float32Array[];
    readonly dy: Float32Array;
  },
): Float32Array {
  workshop.sweep();
  using arena = workshop.heap.arena();
  const stack = layOutStack(spec, imageShape), loaded = load(workshop, stack, { inputs, arena, keep: false });
  const [n, height, width, channels] = imageShape, { leaves } = spec, pixels = height * width;
  const all = pixelGradients(workshop, loaded, { dy, arena });
  const out = new Float32Array(n * leaves * pixels * channels);
  for (let leaf = 0; leaf < leaves; leaf++) {
    for (let image = 0; image < n; image++) {
      const from = (leaf * n + image) * pixels * padded(channels),
        to = (image * leaves + leaf) * pixels * channels;
      narrow(
        all.subarray(from, from + pixels * padded(channels)),
        out.subarray(to, to + pixels * channels),
        channels,
      );
    }
  }
  return out;
}

/** Copies the inputs into memory and packs the weights. */
function load(
  workshop: Workshop,
  stack: Stack,
  { inputs: [images, ...tensors], arena, keep }: {
    readonly inputs: readonly Float32Array[];
    readonly arena: Arena;
    readonly keep: boolean;
  },
): Loaded {
  const { spec: { leaves }, batch } = stack, into = { arena, heap: workshop.heap };
  const parameters = loadParameters(stack, tensors, into);
  const layers = stack.layers.map((layer): PathwayLayer => {
    const { geometry, pixelsIn, pixelsOut, inputs, offsets } = layer;
    const [inWidth, outWidth] = [geometry.inputs, geometry.outputs];
    const form = workshop.plans.form(geometry, batch);
    const packed = packLayer(stack, layer, { parameters, transposed: false, arena, workshop });
    const kept = keep ? arena.floats(leaves * batch.images * pixelsOut * outWidth) : 0;
    const moments = keep ? arena.floats(leaves * batch.images * 2) : 0;
    const place = { packed, packedTransposed: packed, kept, moments };
    return { pixelsIn, pixelsOut, inputs, inWidth, outWidth, offsets, form, ...place };
  });
  return { stack, arena, images: loadWide(images, stack.imageShape[3], into), parameters, layers };
}

/** Runs one step over all leaves and images. */
function run(
  workshop: Workshop,
  loaded: Loaded,
  { step, pooled, output }: {
    readonly step: PathwayTask["step"];
    readonly pooled: number;
    readonly output: number;
  },
): void {
  using arena = workshop.heap.arena();
  const { stack: { batch, spec, floats }, layers, images } = loaded;
  const group = scratchBytes({ step, batch, layers });
  const scratch = { address: arena.floats(workshop.team.cores * group / FLOAT), group };
  const parameters = { address: loaded.parameters, group: FLOAT * floats };
  workshop.team.run(
    { type: "pathways", step, batch, layers, images, parameters, pooled, output, scratch },
    spec.leaves * chunkCount(batch),
  );
}

/** Runs the forward pass. */
function pool(
  workshop: Workshop,
  loaded: Loaded,
  { step, out }: { readonly step: "forward" | "features"; readonly out: Float32Array },
): void {
  using arena = workshop.heap.arena();
  const [n, leaves, channels] = loaded.stack.outputShape, width = padded(channels);
  const pooled = arena.floats(n * leaves * width);
  run(workshop, loaded, { step, pooled, output: 0 });
  const all = workshop.heap.floats(pooled, n * leaves * width);
  for (let leaf = 0; leaf < leaves; leaf++) {
    for (let image = 0; image < n; image++) {
      const from = (leaf * n + image) * width;
      out.set(all.subarray(from, from + channels), (image * leaves + leaf) * channels);
    }
  }
}

function backward(workshop: Workshop, kept: Loaded): Backward {
  const { stack } = kept, places = parameterPlaces(stack), { leaves } = stack.spec;
  let gradients: { readonly address: number; readonly parts: number } | undefined;
  return (index, { dy, out }) => {
    if (index === 0) {
      using arena = workshop.heap.arena();
      return sumLeaves(stack, pixelGradients(workshop, kept, { dy, arena }), out);
    }
    gradients ??= parameterGradients(workshop, kept, dy);
    const { layer, part } = places[index - 1],
      channels = part === "gamma" || part === "beta" ? layer.inputs : layer.outputs;
    const each = out.length / leaves;
    for (let leaf = 0; leaf < leaves; leaf++) {
      const from = gradients.address + FLOAT * (leaf * gradients.parts * stack.floats + layer.offsets[part]);
      copyGradient(workshop, {
        from,
        to: out.subarray(leaf * each, (leaf + 1) * each),
        layer,
        part,
        channels,
      });
    }
  };
}

/** Copies one leaf's gradient of a tensor, without the kernel's padding of input and output channels. */
function copyGradient(
  workshop: Workshop,
  { from, to, layer, part, channels }: {
    readonly from: number;
    readonly to: Float32Array;
    readonly layer: Stack["layers"][number];
    readonly part: string;
    readonly channels: number;
  },
): void {
  const width = padded(channels);
  if (part !== "weights") return narrow(workshop.heap.floats(from, width), to, channels);
  const { inputs, geometry } = layer, taps = geometry.kernel ** 2, size = inputs * channels;
  for (let tap = 0; tap < taps; tap++) {
    const rows = workshop.heap.floats(from + FLOAT * tap * geometry.inputs * width, inputs * width);
    narrow(rows, to.subarray(tap * size, (tap + 1) * size), channels);
  }
}

/** Address of the parameter gradients [m, parts, floats]; each leaf's first part holds the sum. */
function parameterGradients(
  workshop: Workshop,
  kept: Loaded,
  dy: Float32Array,
): { readonly address: number; readonly parts: number } {
  const { stack: { spec: { leaves }, floats, batch } } = kept;
  const parts = chunkCount(batch), arena = workshop.arenaOfTape();
  const address = arena.floats(leaves * parts * floats);
  using temporary = workshop.heap.arena();
  const loaded = packTransposed(workshop, kept, temporary);
  run(workshop, loaded, {
    step: "backward",
    pooled: loadPooled(workshop, kept.stack, { dy, arena: temporary }),
    output: address,
  });
  const jobs = leaves * Math.ceil(floats / REDUCED);
  if (parts > 1) workshop.team.run({ type: "reduce", address, parts, floats, floatsPerJob: REDUCED }, jobs);
  return { address, parts };
}

/** Gradients of the pixels [m, N, H, W, 4]; valid as long as the arena. */
function pixelGradients(
  workshop: Workshop,
  loaded: Loaded,
  { dy, arena }: { readonly dy: Float32Array; readonly arena: Arena },
): Float32Array {
  const { stack: { spec: { leaves }, batch, imageShape: [, , , channels] } } = loaded;
  const size = leaves * batch.images * loaded.layers[0].pixelsIn * padded(channels),
    output = arena.floats(size);
  const pooled = loadPooled(workshop, loaded.stack, { dy, arena });
  run(workshop, packTransposed(workshop, loaded, arena), { step: "pixels", pooled, output });
  return workshop.heap.floats(output, size);
}

function packTransposed(workshop: Workshop, loaded: Loaded, arena: Arena): Loaded {
  const { stack, parameters } = loaded;
  const layers = loaded.layers.map((layer, l) => ({
    ...layer,
    packedTransposed: packLayer(stack, stack.layers[l], { parameters, transposed: true, arena, workshop }),
  }));
  return { ...loaded, layers };
}

/** Copies dy [N, m, C] into memory as [m, N, padded C]; returns the address. */
function loadPooled(
  workshop: Workshop,
  { outputShape: [n, leaves, channels] }: Stack,
  { dy, arena }: { readonly dy: Float32Array; readonly arena: Arena },
): number {
  const width = padded(channels), address = arena.floats(n * leaves * width);
  const all = workshop.heap.floats(address, n * leaves * width);
  for (let leaf = 0; leaf < leaves; leaf++) {
    for (let image = 0; image < n; image++) {
      const from = (image * leaves + leaf) * channels, to = (leaf * n + image) * width;
      widen(dy.subarray(from, from + channels), all.subarray(to, to + width), channels);
    }
  }
  return address;
}

/** Sums all [m, N, H, W, 4] over the leaves, in order → out [N, H, W, 3]. */
function sumLeaves({ spec: { leaves }, imageShape }: Stack, all: Float32Array, out: Float32Array): void {
  const channels = imageShape[3], width = padded(channels), each = all.length / leaves;
  for (let o = 0, i = 0; o < out.length; i += width) {
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let leaf = 0; leaf < leaves; leaf++) sum += all[leaf * each + i + c];
      out[o++] = sum;
    }
  }
}
