/**
 * One leaf, one block of images: forwards or backwards through the layers.
 *
 * @module
 */
import { type Block, planFor, type Plans } from "../batch.ts";
import { type Grouped, PAIRS, PANEL, parts, TILES } from "./convolution_jobs.ts";
import type { Kernel } from "../load_kernel.ts";
import type { LeafGradients } from "./leaf_gradients.ts";
import type { PathwayLayer, PathwayTask, PlannedForm } from "./pathway_task.ts";
import { MOMENTS, type Scratch } from "./scratch.ts";
import { tiledBackward, tiledForward, type TiledLayer, type Tiling } from "./tiled_jobs.ts";

const FLOAT = 4; // bytes
const EPSILON = 1e-5; // of GroupNorm, as in PyTorch

/** The pass of one block through one leaf, in scratch memory and in the buffers kept for training. */
export class BlockPass {
  readonly #kernel: Kernel;
  readonly #task: PathwayTask;
  readonly #leaf: number;
  readonly #block: Block;
  readonly #scratch: Scratch;

  constructor(
    kernel: Kernel,
    task: PathwayTask,
    { leaf, block, scratch }: { readonly leaf: number; readonly block: Block; readonly scratch: Scratch },
  ) {
    [this.#kernel, this.#task, this.#leaf, this.#block, this.#scratch] = [kernel, task, leaf, block, scratch];
  }

  /** [GroupNorm →] convolution → ReLU, repeated. */
  forward(): void {
    for (const [l, layer] of this.#task.layers.entries()) {
      if (l > 0) this.#measure(l);
      const at = {
        packed: this.#ofLeaf(layer.packed),
        bias: this.#parameter(layer.offsets.bias),
        output: this.#output(l),
      };
      if (layer.form.type === "tiled") tiledForward(this.#kernel, this.#tiled(l, layer.form), at);
      else {
        this.#convolve(layer.form.forward, {
          ...at,
          input: this.#input(l),
          width: layer.outWidth,
          start: at.bias,
          rectify: true,
        });
      }
    }
  }

  /** Global average pooling of the last layer's output. */
  pool(): void {
    const last = this.#task.layers.length - 1, { pixelsOut, outWidth } = this.#task.layers[last];
    this.#kernel.pool(this.#output(last), this.#block.images, pixelsOut, outWidth, this.#pooled(outWidth));
  }

  /** Adds the gradients of the parameters to `gradients`; without it, writes the gradient of the pixels. */
  backward(gradients?: LeafGradients): void {
    this.#unpool();
    for (let l = this.#task.layers.length - 1; l >= 0; l--) {
      const layer = this.#task.layers[l];
      if (gradients !== undefined) this.#biasGradient(layer, gradients);
      if (layer.form.type === "tiled") this.#tiledBackward(l, layer.form, gradients);
      else this.#plannedBackward(l, layer.form, gradients);
      if (l > 0) this.#normaliseBackward(l, gradients);
    }
  }

  #unpool(): void {
    const last = this.#task.layers.length - 1, { pixelsOut, outWidth } = this.#task.layers[last];
    const [dy, x, out] = [this.#pooled(outWidth), this.#output(last), this.#scratch.gradient];
    this.#kernel.poolBackward(dy, x, this.#block.images, pixelsOut, outWidth, out);
  }

  #biasGradient(layer: PathwayLayer, gradients: LeafGradients): void {
    const pixels = this.#block.images * layer.pixelsOut;
    this.#kernel.columnSums(this.#scratch.gradient, pixels, layer.outWidth, gradients.of(layer, "bias"));
  }

  #tiledBackward(l: number, tiling: Tiling, gradients?: LeafGradients): void {
    const layer = this.#task.layers[l], dx = this.#inputGradient(l);
    this.#kernel.clear(dx, FLOAT * this.#block.images * layer.pixelsIn * layer.inWidth);
    tiledBackward(this.#kernel, this.#tiled(l, tiling), {
      dy: this.#scratch.gradient,
      packedTransposed: this.#ofLeaf(layer.packedTransposed),
      dx,
      dw: gradients?.squares[l],
    });
  }

  #plannedBackward(l: number, form: PlannedForm, gradients?: LeafGradients): void {
    const layer = this.#task.layers[l], { gradient } = this.#scratch;
    if (gradients !== undefined) {
      const plan = planFor(form.pairs, this.#task.batch, this.#block).address, { outWidth } = layer;
      const { taps, run } = form.pairs, dw = gradients.of(layer, "weights");
      this.#kernel.weightGradient(
        ...[plan, 0, taps, this.#input(l), run, gradient, outWidth, 0, outWidth, dw, PAIRS] as const,
      );
      if (l === 0) return; // the gradient of the images is not needed
    }
    this.#convolve(form.backward, {
      input: gradient,
      packed: this.#ofLeaf(layer.packedTransposed),
      width: layer.inWidth,
      start: 0,
      output: this.#inputGradient(l),
      rectify: false,
    });
  }

  /** Gradient of layer l's normalised input → gradient of layer l − 1's output before its ReLU. */
  #normaliseBackward(l: number, gradients?: LeafGradients): void {
    const layer = this.#task.layers[l],
      { pixelsIn, inWidth, inputs, offsets } = layer,
      scratch = this.#scratch;
    // Without `gradients` the kernel still needs a place to write these two to.
    const [dgamma, dbeta] = gradients === undefined
      ? [scratch.affine, scratch.affine]
      : [gradients.of(layer, "gamma"), gradients.of(layer, "beta")];
    const [x, moments, gamma] = [this.#output(l - 1), this.#moments(l), this.#parameter(offsets.gamma)];
    this.#kernel.normaliseBackward(
      ...[scratch.inputGradient, x, this.#block.images, pixelsIn, inWidth, inputs] as const,
      ...[gamma, moments, scratch.sums, dgamma, dbeta, scratch.gradient] as const,
    );
  }

  /** Measures the moments that layer l normalises its input with. */
  #measure(l: number): void {
    const { pixelsIn, inWidth, inputs } = this.#task.layers[l];
    const [x, moments] = [this.#output(l - 1), this.#moments(l)];
    this.#kernel.measure(x, this.#block.images, pixelsIn, inWidth, inputs, EPSILON, moments);
  }

  /** Address of layer l's input: the images, or GroupNorm of layer l − 1's output. */
  #input(l: number): number {
    const layer = this.#task.layers[l];
    if (l === 0) return this.#image(this.#task.images, layer);
    const { pixelsIn, inWidth, offsets } = layer, { normalised, sums } = this.#scratch;
    const [gamma, beta] = [this.#parameter(offsets.gamma), this.#parameter(offsets.beta)];
    const [x, moments, { images }] = [this.#output(l - 1), this.#moments(l), this.#block];
    this.#kernel.normalise(x, images, pixelsIn, inWidth, gamma, beta, moments, sums, normalised);
    return normalised;
  }

  /** Layer l in tiled form, which normalises its input as it transforms it. */
  #tiled(l: number, tiling: Tiling): TiledLayer {
    const { inWidth, outWidth, offsets } = this.#task.layers[l], { affine, tiles } = this.#scratch;
    const [gamma, beta] = [this.#parameter(offsets.gamma), this.#parameter(offsets.beta)],
      { images } = this.#block;
    this.#kernel.affine(images, inWidth, gamma, beta, this.#moments(l), affine);
    return { tiling, images, inWidth, outWidth, x: this.#output(l - 1), affine, buffers: tiles };
  }

  /** Address for the gradient of layer l's normalised input, or of the pixels for the first layer. */
  #inputGradient(l: number): number {
    return l === 0 ? this.#leafImage(this.#task.output, this.#task.layers[0]) : this.#scratch.inputGradient;
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

  /** Address of this block in images [N, pixelsIn, inWidth]. */
  #image(address: number, { pixelsIn, inWidth }: PathwayLayer): number {
    return address + FLOAT * this.#block.first * pixelsIn * inWidth;
  }

  /** Address of this leaf and block in [m, N, pixelsIn, inWidth]. */
  #leafImage(address: number, { pixelsIn, inWidth }: PathwayLayer): number {
    return address + FLOAT * (this.#leaf * this.#task.batch.images + this.#block.first) * pixelsIn * inWidth;
  }

  /** Address of this leaf and block in the pooled values [m, N, width]. */
  #pooled(width: number): number {
    return this.#task.pooled + FLOAT * (this.#leaf * this.#task.batch.images + this.#block.first) * width;
  }

  /** Address of layer l's output. */
  #output(l: number): number {
    if (!this.#keeps) return this.#scratch.outputs[l];
    const { kept, pixelsOut, outWidth } = this.#task.layers[l];
    return kept + FLOAT * (this.#leaf * this.#task.batch.images + this.#block.first) * pixelsOut * outWidth;
  }

  /** Address of the moments of layer l's input. */
  #moments(l: number): number {
    if (!this.#keeps) return this.#scratch.moments[l];
    const { images } = this.#task.batch;
    return this.#task.layers[l].moments + FLOAT * MOMENTS * (this.#leaf * images + this.#block.first);
  }

  get #keeps(): boolean {
    return this.#task.step === "forward" || this.#task.step === "backward";
  }
}
