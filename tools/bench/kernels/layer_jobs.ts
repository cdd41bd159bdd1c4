/**
 * The kernels of one layer of a leaf, as a training step calls them: a job is a chunk of images of one leaf, block by
 * block. Every block is the same one, so that what a job reads and writes stays in the cache.
 *
 * @module
 */
import { type Block, blocksOf, planFor, type Plans } from "../../../treenet/ops/wasm/batch.ts";
import { PAIRS, PANEL, parts, TILES } from "../../../treenet/ops/wasm/threads/convolution_jobs.ts";
import { outputSize } from "../../../treenet/ops/geometry.ts";
import type { Arena } from "../../../treenet/ops/wasm/heap.ts";
import type { Kernel } from "../../../treenet/ops/wasm/load_kernel.ts";
import type { PlannedForm } from "../../../treenet/ops/wasm/threads/pathway_task.ts";
import {
  layOutStack,
  loadParameters,
  packLayer,
  type Stack,
  type StackLayer,
} from "../../../treenet/ops/wasm/pathway_stack.ts";
import {
  SQUARE,
  tiledBackward,
  tiledForward,
  type Tiling,
} from "../../../treenet/ops/wasm/threads/tiled_jobs.ts";
import type { Workshop } from "../../../treenet/ops/wasm/workshop.ts";
import type { PathwaySpec } from "../../../treenet/nn/types.ts";
import { pathwayInputs, values } from "../../../tests/treenet/ops/wasm/ops_support.ts";

/** The leaves of a profile on a micro-batch of square images. */
export interface Tree {
  readonly profile: string;
  readonly spec: PathwaySpec;
  readonly images: number;
  /** Pixels a side. */
  readonly size: number;
}

/** `dX`: gradient by the input; `dW`: gradient by the weights. */
export const STEPS = ["forward", "dX", "dW"] as const;
export type Step = (typeof STEPS)[number];

/** A whole step, or in Winograd's form the matrix products of one without the transforms around them. */
export type Part = Step | `products of ${Step}`;

/** A layer and how it is computed. */
export interface Layer {
  readonly profile: string;
  /** Number of the layer, from 1. */
  readonly layer: number;
  readonly inputs: number;
  readonly outputs: number;
  /** Sides of its input and of its output, pixels. */
  readonly from: number;
  readonly to: number;
  /** `tiled`: in Winograd's form. */
  readonly form: "planned" | "tiled";
}

/** Operations of one step, FLOP. */
export interface Work {
  /** Multiplications and additions of the convolution's definition. */
  readonly flop: number;
  /** Operations of the matrix products done for it; transforms and padding take time but do not count. */
  readonly executed: number;
}

/** A layer in the kernel's memory. */
export interface LayerJobs {
  readonly layer: Layer;
  /** Operations of a whole step. */
  readonly work: Work;
  /** A job of each step. */
  readonly jobs: Jobs;
  /**
   * Its products alone, those that `work` counts as executed; none for planned layers, which do nothing else.
   */
  readonly products?: Jobs;
  /** Addresses that the jobs read and write. */
  readonly places: Places;
  /** Blocks of a job. */
  readonly blocks: readonly Block[];
}

type Jobs = Readonly<Record<Step, () => void>>;

/**
 * Addresses. For one block, channels padded: x, the output's gradient dy, y and dx; for a job, the weights'
 * gradient dw [taps, inputs, outputs]. Weights w have the same layout, not padded.
 */
type Places = Readonly<
  Record<"x" | "dy" | "y" | "dx" | "dw" | "w" | "bias" | "packed" | "packedTransposed", number>
>;

/** The parts from which the jobs of a layer are made. */
interface Setting {
  readonly workshop: Workshop;
  readonly stack: Stack;
  readonly layer: StackLayer;
  readonly arena: Arena;
  readonly places: Places;
  readonly blocks: readonly Block[];
}

const FLOAT = 4; // bytes

/** The layers of one leaf; each stays in memory until the next is asked for. */
export function* layersOf(workshop: Workshop, { profile, spec, images, size }: Tree): Generator<LayerJobs> {
  const stack = layOutStack(spec, [images, size, size, 3]), blocks = blocksOf(stack.batch, 0);
  const tensors = pathwayInputs(spec, [1, 1, 1]).slice(1).map(({ data }) => Float32Array.from(data));
  for (const [l, layer] of stack.layers.entries()) {
    using arena = workshop.heap.arena();
    const parameters = loadParameters(stack, tensors, { arena, heap: workshop.heap });
    const places = placesOf({ workshop, stack, layer, arena }, parameters);
    const setting = { workshop, stack, layer, arena, places, blocks };
    const { inputs, outputs, geometry, pixelsOut } = layer, form = workshop.plans.form(geometry, stack.batch);
    const perJob = blocks.reduce((sum, block) => sum + block.images, 0),
      products = 2 * perJob * inputs * outputs;
    const flop = products * pixelsOut * spec.kernel ** 2;
    const [from, to] = [geometry.height, outputSize(geometry.height, geometry)];
    yield {
      layer: { profile, layer: l + 1, inputs, outputs, from, to, form: form.type },
      work: { flop, executed: form.type === "tiled" ? products * SQUARE * form.perImage : flop },
      ...form.type === "tiled" ? tiledJobs(setting, form) : { jobs: plannedJobs(setting, form) },
      places,
      blocks,
    };
  }
}

/** Places filled with noise wherever a job reads before it writes, and packed weights. */
function placesOf(
  { workshop, stack, layer, arena }: Pick<Setting, "workshop" | "stack" | "layer" | "arena">,
  parameters: number,
): Places {
  const { block } = stack.batch, { pixelsIn, pixelsOut, offsets } = layer;
  const { kernel, inputs, outputs } = layer.geometry;
  const noise = (n: number) => {
    const address = arena.floats(n);
    workshop.heap.floats(address, n).set(values([n], n).data);
    return address;
  };
  const pack = (transposed: boolean) =>
    packLayer(stack, layer, { parameters, transposed, arena, workshop }).address;
  return {
    x: noise(block * pixelsIn * inputs),
    dy: noise(block * pixelsOut * outputs),
    y: arena.floats(block * pixelsOut * outputs),
    dx: arena.floats(block * pixelsIn * inputs),
    dw: arena.floats(kernel ** 2 * inputs * outputs),
    w: parameters + FLOAT * offsets.weights,
    bias: parameters + FLOAT * offsets.bias,
    packed: pack(false),
    packedTransposed: pack(true),
  };
}

function plannedJobs(
  { workshop, stack, layer, places, blocks }: Setting,
  form: PlannedForm,
): Jobs {
  const { kernel } = workshop, { x, dy, y, dx, dw, bias, packed, packedTransposed } = places;
  const { inputs, outputs, kernel: side } = layer.geometry;
  const convolve = (
    plans: Plans,
    at: Readonly<Record<"input" | "packed" | "width" | "start" | "output" | "rectify", number>>,
  ) => {
    for (const block of blocks) {
      const { address, classes } = planFor(plans, stack.batch, block);
      kernel.convolve(
        ...[address, classes, at.input, plans.run, at.packed, plans.taps, 0, parts(at.width, PANEL)] as const,
        ...[at.width, at.start, at.output, at.rectify, TILES] as const,
      );
    }
  };
  return {
    forward: () =>
      convolve(form.forward, { input: x, packed, width: outputs, start: bias, output: y, rectify: 1 }),
    dX: () =>
      convolve(form.backward, {
        ...{ input: dy, packed: packedTransposed, width: inputs, start: 0, output: dx, rectify: 0 },
      }),
    dW() {
      const { taps, run } = form.pairs;
      kernel.clear(dw, FLOAT * side ** 2 * inputs * outputs);
      for (const block of blocks) {
        const { address } = planFor(form.pairs, stack.batch, block);
        kernel.weightGradient(...[address, 0, taps, x, run, dy, outputs, 0, outputs, dw, PAIRS] as const);
      }
    },
  };
}

/** Either gradient as if it were alone: both transform dy, which a training step does once. */
function tiledJobs(
  { workshop, stack, layer, arena, places, blocks }: Setting,
  tiling: Tiling,
): Pick<LayerJobs, "jobs" | "products"> {
  const { heap } = workshop, { x, dy, y, dx, dw, bias, packed, packedTransposed } = places;
  const { inputs, outputs } = layer.geometry, { block } = stack.batch, size = inputs * outputs;
  const affine = arena.floats(2 * block * inputs), squares = arena.floats(SQUARE * size);
  heap.floats(affine, 2 * block * inputs).forEach((_, i, all) => all[i] = i % (2 * inputs) < inputs ? 1 : 0);
  const buffers = {
    frame: arena.floats(SQUARE * inputs),
    inputs: arena.floats(SQUARE * tiling.capacity * inputs),
    outputs: arena.floats(SQUARE * tiling.capacity * outputs),
  };
  const tiled = { tiling, inWidth: inputs, outWidth: outputs, x, affine, buffers };
  const jobsOf = (kernel: Kernel): Jobs => {
    const weightsOnly = { ...kernel, products() {}, inputGradientOfTiles() {} };
    return {
      forward() {
        for (const { images } of blocks) {
          tiledForward(kernel, { ...tiled, images }, { packed, bias, output: y });
        }
      },
      dX() {
        for (const { images } of blocks) {
          kernel.clear(dx, FLOAT * images * layer.pixelsIn * inputs);
          tiledBackward(kernel, { ...tiled, images }, { dy, packedTransposed, dx });
        }
      },
      dW() {
        kernel.clear(dw, FLOAT * layer.geometry.kernel ** 2 * size);
        kernel.clear(squares, FLOAT * SQUARE * size);
        for (const { images } of blocks) {
          tiledBackward(weightsOnly, { ...tiled, images }, { dy, packedTransposed, dx, dw: squares });
        }
        kernel.weightsOfTiles(squares, size, dw);
      },
    };
  };
  return { jobs: jobsOf(workshop.kernel), products: jobsOf(productsOf(workshop.kernel)) };
}

/** A kernel that does nothing but products of matrices. */
function productsOf(kernel: Kernel): Kernel {
  const nothing = () => {};
  return {
    ...kernel,
    clear: nothing,
    tilesOfInput: nothing,
    outputOfTiles: nothing,
    tilesOfGradient: nothing,
    inputGradientOfTiles: nothing,
    weightsOfTiles: nothing,
  };
}
