/**
 * The jobs of a stack of pathways: one leaf, one chunk of images, block by block, so that what a layer writes is still
 * in the cache when the next one reads it.
 *
 * @module
 */
import type { Kernel } from "./kernel.ts";
import type { Turn } from "./tasks.ts";
import { type Batch, type Block, blocksOf, chunkCount, planFor, type Plans } from "./batch.ts";
import { type Grouped, PAIRS, PANEL, parts, TILES } from "./convolution_jobs.ts";

const FLOAT = 4; // bytes
const EPSILON = 1e-5; // of GroupNorm, as PyTorch's
const MOMENTS = 2; // floats an image and layer: mean, 1 / σ

/** A convolution of one leaf. Widths are channel counts rounded up to multiples of 4. */
export interface PathwayLayer {
  readonly pixelsIn: number;
  readonly pixelsOut: number;
  readonly inputs: number;
  readonly inWidth: number;
  readonly outWidth: number;
  readonly forward: Plans;
  readonly backward: Plans;
  readonly pairs: Plans;
  readonly packed: Grouped;
  readonly packedTransposed: Grouped;
  /** Of its parameters, and of their gradients, in floats from the start of a leaf's. */
  readonly offsets: Readonly<Record<"weights" | "bias" | "gamma" | "beta", number>>;
  /** Address of what a forward pass keeps for the backward pass: [m, N, pixelsOut, outWidth]. */
  readonly kept: number;
  /** [m, N, 2] */
  readonly moments: number;
}

/**
 * Jobs: leaves × chunks.
 * - `features`: images → pooled, keeping nothing
 * - `forward`: images → pooled, kept
 * - `backward`: pooled gradient, kept → a part of the parameter gradients a job
 * - `pixels`: images, pooled gradient → gradient of the images through one leaf
 */
export interface PathwayTask {
  readonly type: "pathways";
  readonly step: "features" | "forward" | "backward" | "pixels";
  readonly batch: Batch;
  readonly layers: readonly PathwayLayer[];
  /** [N, H, W, 4] */
  readonly images: number;
  readonly parameters: Grouped;
  /** Pooled activations, or their gradient in the last two steps: [m, N, outWidth]. */
  readonly pooled: number;
  /** `backward`: gradients, as the parameters lie, one a job. `pixels`: [m, N, H, W, 4]. */
  readonly output: number;
  /** One a thread. */
  readonly scratch: Grouped;
}

/** Adds up the parts of each group's gradients into its first part, in order. Jobs: groups × ranges. */
export interface ReduceTask {
  readonly type: "reduce";
  readonly address: number;
  /** Parts of a group, one after the other. */
  readonly parts: number;
  /** Of a part, a multiple of 4. */
  readonly floats: number;
  /** A multiple of 4. */
  readonly floatsPerJob: number;
}

/** One job of a {@linkcode ReduceTask}. */
export function reduce(kernel: Kernel, task: ReduceTask, job: number): void {
  const ranges = parts(task.floats, task.floatsPerJob), range = job % ranges;
  const first = range * task.floatsPerJob, n = Math.min(task.floatsPerJob, task.floats - first);
  const to = task.address + FLOAT * (Math.floor(job / ranges) * task.parts * task.floats + first);
  for (let part = 1; part < task.parts; part++) kernel.accumulate(to, to + FLOAT * part * task.floats, n);
}

/** One job of a {@linkcode PathwayTask}. */
export function pathways(kernel: Kernel, task: PathwayTask, turn: Turn): void {
  const chunks = chunkCount(task.batch);
  const [leaf, chunk] = [Math.floor(turn.job / chunks), turn.job % chunks];
  const part = task.output + turn.job * task.parameters.group;
  if (task.step === "backward") kernel.clear(part, task.parameters.group);
  for (const block of blocksOf(task.batch, chunk)) {
    const pass = new BlockPass(kernel, task, { leaf, block, worker: turn.worker });
    if (task.step !== "backward") pass.forward();
    if (task.step === "forward" || task.step === "features") pass.pool();
    if (task.step === "backward") pass.backward(part);
    if (task.step === "pixels") pass.backward();
  }
}

/** Bytes of scratch memory a thread needs for a task. */
export function scratchBytes(task: Pick<PathwayTask, "step" | "batch" | "layers">): number {
  return layOut(task, 0).end;
}

/** Addresses of a thread's buffers, for one block of images. */
interface Scratch {
  /** A layer's output, where the pass does not keep it. */
  readonly outputs: readonly number[];
  readonly moments: readonly number[];
  readonly normalised: number;
  readonly gradient: number;
  readonly inputGradient: number;
  readonly sums: number;
  readonly end: number;
}

function layOut(
  { step, batch, layers }: Pick<PathwayTask, "step" | "batch" | "layers">,
  address: number,
): Scratch {
  let end = address;
  const take = (floats: number) => {
    const from = end;
    end += 64 * Math.ceil((FLOAT * floats + 64) / 64); // slack, as Heap's
    return from;
  };
  const largest = (size: (layer: PathwayLayer) => number) => Math.max(...layers.map(size));
  const out = (layer: PathwayLayer) => batch.block * layer.pixelsOut * layer.outWidth;
  const into = (layer: PathwayLayer) => batch.block * layer.pixelsIn * layer.inWidth;
  const shared = step === "features" ? take(largest(out)) : 0;
  const places = {
    outputs: layers.map((layer) => step === "pixels" ? take(out(layer)) : shared),
    moments: layers.map(() => take(MOMENTS * batch.block)),
    normalised: take(largest(into)),
    gradient: take(largest(out)),
    inputGradient: take(largest(into)),
    sums: take(2 * largest(({ inWidth, outWidth }) => Math.max(inWidth, outWidth))),
  };
  return { ...places, end };
}

/** One leaf, one block of images: forwards or backwards through the layers. */
class BlockPass {
  readonly #kernel: Kernel;
  readonly #task: PathwayTask;
  readonly #leaf: number;
  readonly #block: Block;
  readonly #scratch: Scratch;

  constructor(
    kernel: Kernel,
    task: PathwayTask,
    { leaf, block, worker }: { readonly leaf: number; readonly block: Block; readonly worker: number },
  ) {
    [this.#kernel, this.#task, this.#leaf, this.#block] = [kernel, task, leaf, block];
    this.#scratch = layOut(task, task.scratch.address + worker * task.scratch.group);
  }

  /** [GroupNorm →] convolution → ReLU, repeated. */
  forward(): void {
    for (const [l, layer] of this.#task.layers.entries()) {
      const input = l === 0 ? this.#image(this.#task.images, layer) : this.#normalised(l, { measure: true });
      this.#convolve(layer.forward, {
        input,
        packed: this.#ofLeaf(layer.packed),
        width: layer.outWidth,
        start: this.#parameter(layer.offsets.bias),
        output: this.#output(l),
        rectify: true,
      });
    }
  }

  /** Global average pooling of what the last layer put out. */
  pool(): void {
    const last = this.#task.layers.length - 1, { pixelsOut, outWidth } = this.#task.layers[last];
    this.#kernel.pool(this.#output(last), this.#block.images, pixelsOut, outWidth, this.#pooled(outWidth));
  }

  /** Adds the gradients of the parameters to those at `part`, or without one writes the gradient of the pixels. */
  backward(part?: number): void {
    const { layers, output } = this.#task, { gradient, inputGradient } = this.#scratch;
    this.#unpool();
    for (let l = layers.length - 1; l >= 0; l--) {
      const layer = layers[l];
      if (part !== undefined) this.#weightGradient(l, part);
      if (l === 0 && part !== undefined) return;
      this.#convolve(layer.backward, {
        input: gradient,
        packed: this.#ofLeaf(layer.packedTransposed),
        width: layer.inWidth,
        start: 0,
        output: l === 0 ? this.#leafImage(output, layer) : inputGradient,
        rectify: false,
      });
      if (l > 0) this.#normaliseBackward(l, part);
    }
  }

  #unpool(): void {
    const last = this.#task.layers.length - 1, { pixelsOut, outWidth } = this.#task.layers[last];
    const [dy, x, out] = [this.#pooled(outWidth), this.#output(last), this.#scratch.gradient];
    this.#kernel.poolBackward(dy, x, this.#block.images, pixelsOut, outWidth, out);
  }

  #weightGradient(l: number, part: number): void {
    const layer = this.#task.layers[l], { gradient } = this.#scratch, { pairs, outWidth } = layer;
    const input = l === 0 ? this.#image(this.#task.images, layer) : this.#normalised(l, { measure: false });
    const plan = planFor(pairs, this.#task.batch, this.#block).address;
    const dw = part + FLOAT * layer.offsets.weights;
    this.#kernel.weightGradient(
      ...[plan, 0, pairs.taps, input, pairs.run, gradient, outWidth, 0, outWidth, dw, PAIRS] as const,
    );
    const pixels = this.#block.images * layer.pixelsOut;
    this.#kernel.columnSums(gradient, pixels, outWidth, part + FLOAT * layer.offsets.bias);
  }

  /** From the gradient of layer l's normalised input to that of what layer l − 1 put out before its ReLU. */
  #normaliseBackward(l: number, part?: number): void {
    const { pixelsIn, inWidth, inputs, offsets } = this.#task.layers[l], scratch = this.#scratch;
    // Without `part` nobody wants these; they need a place all the same.
    const [dgamma, dbeta] = part === undefined
      ? [scratch.normalised, scratch.normalised]
      : [part + FLOAT * offsets.gamma, part + FLOAT * offsets.beta];
    const [x, moments, gamma] = [this.#output(l - 1), this.#moments(l), this.#parameter(offsets.gamma)];
    this.#kernel.normaliseBackward(
      ...[scratch.inputGradient, x, this.#block.images, pixelsIn, inWidth, inputs] as const,
      ...[gamma, moments, scratch.sums, dgamma, dbeta, scratch.gradient] as const,
    );
  }

  /** Layer l's input: GroupNorm of what layer l − 1 put out. */
  #normalised(l: number, { measure }: { readonly measure: boolean }): number {
    const { pixelsIn, inWidth, inputs, offsets } = this.#task.layers[l], { normalised, sums } = this.#scratch;
    const [gamma, beta] = [this.#parameter(offsets.gamma), this.#parameter(offsets.beta)];
    const [x, moments, { images }] = [this.#output(l - 1), this.#moments(l), this.#block];
    if (measure) this.#kernel.measure(x, images, pixelsIn, inWidth, inputs, EPSILON, moments);
    this.#kernel.normalise(x, images, pixelsIn, inWidth, gamma, beta, moments, sums, normalised);
    return normalised;
  }

  #convolve(
    plans: Plans,
    at: Readonly<Record<"input" | "packed" | "width" | "start" | "output", number>> & {
      readonly rectify: boolean;
    },
  ): void {
    const plan = planFor(plans, this.#task.batch, this.#block);
    this.#kernel.convolve(
      ...[plan.address, plan.classes, at.input, plans.run, at.packed, plans.taps] as const,
      ...[0, parts(at.width, PANEL), at.width, at.start, at.output, at.rectify ? 1 : 0, TILES] as const,
    );
  }

  #ofLeaf(place: Grouped): number {
    return place.address + this.#leaf * place.group;
  }

  #parameter(offset: number): number {
    return this.#ofLeaf(this.#task.parameters) + FLOAT * offset;
  }

  /** Of [N, pixelsIn, inWidth]. */
  #image(address: number, { pixelsIn, inWidth }: PathwayLayer): number {
    return address + FLOAT * this.#block.first * pixelsIn * inWidth;
  }

  /** Of [m, N, pixelsIn, inWidth]. */
  #leafImage(address: number, { pixelsIn, inWidth }: PathwayLayer): number {
    return address + FLOAT * (this.#leaf * this.#task.batch.images + this.#block.first) * pixelsIn * inWidth;
  }

  /** Of [m, N, width]. */
  #pooled(width: number): number {
    return this.#task.pooled + FLOAT * (this.#leaf * this.#task.batch.images + this.#block.first) * width;
  }

  /** What layer l puts out. */
  #output(l: number): number {
    if (!this.#keeps) return this.#scratch.outputs[l];
    const { kept, pixelsOut, outWidth } = this.#task.layers[l];
    return kept + FLOAT * (this.#leaf * this.#task.batch.images + this.#block.first) * pixelsOut * outWidth;
  }

  /** Of layer l's input. */
  #moments(l: number): number {
    if (!this.#keeps) return this.#scratch.moments[l];
    const { images } = this.#task.batch;
    return this.#task.layers[l].moments + FLOAT * MOMENTS * (this.#leaf * images + this.#block.first);
  }

  get #keeps(): boolean {
    return this.#task.step === "forward" || this.#task.step === "backward";
  }
}
