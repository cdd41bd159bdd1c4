/**
 * Grouped convolutions on the kernel: forwards, and the gradients by input, weights and bias.
 *
 * @module
 */
import { type Batch, chunkCount, deal, type Plans } from "./batch.ts";
import { type Grouped, PANEL, parts } from "./threads/convolution_jobs.ts";
import { type Geometry, outputSize } from "../geometry.ts";
import type { Arena } from "./heap.ts";
import { load, narrow, padded } from "./heap_layout.ts";
import type { Workshop } from "./workshop.ts";

/** `groups` convolutions side by side: x [N, H, W, groups, inputs] → [N, H', W', groups, outputs]. */
export interface Convolution {
  /** Name in error messages. */
  readonly name: string;
  readonly groups: number;
  readonly images: number;
  readonly height: number;
  readonly width: number;
  readonly kernel: number;
  readonly stride: number;
  readonly pad: number;
  /** Input channels of one group. */
  readonly inputs: number;
  readonly outputs: number;
}

const FLOAT = 4; // bytes
const JOBS = 16; // at least, where the work is enough for them
const SMALL = 2 ** 20; // multiply-adds too few to be worth waking another thread
const BLOCK = 160; // output pixels that pass through the kernel together: 32 tiles

/** The passes of one convolution: copies into the kernel's memory, tasks, and copies back. */
export class ConvolutionPass {
  readonly #workshop: Workshop;
  readonly #convolution: Convolution;
  readonly #geometry: Geometry;
  /** Number of pixels of an input image and of an output image. */
  readonly #pixels: { readonly in: number; readonly out: number };

  constructor(workshop: Workshop, convolution: Convolution) {
    [this.#workshop, this.#convolution] = [workshop, convolution];
    const { groups, height, width, kernel, stride, pad } = convolution;
    const [inputs, outputs] = [padded(convolution.inputs), padded(convolution.outputs)];
    const pitches = { inputPitch: groups * inputs, outputPitch: groups * outputs };
    this.#geometry = { height, width, kernel, stride, pad, inputs, outputs, ...pitches };
    const out = outputSize(height, this.#geometry) * outputSize(width, this.#geometry);
    this.#pixels = { in: height * width, out };
  }

  /** Fills out = bias + x ∗ w. */
  forward(
    { x, w, bias }: { readonly x: Float32Array; readonly w: Float32Array; readonly bias?: Float32Array },
    out: Float32Array,
  ): void {
    using arena = this.#workshop.heap.arena();
    const { inputs, outputs } = this.#convolution;
    const input = this.#load(x, inputs, arena), output = arena.floats(this.#size("out"));
    const start = bias === undefined ? 0 : this.#load(bias, outputs, arena);
    this.#convolve("forward", {
      input,
      output,
      start: { address: start, group: FLOAT * padded(outputs) },
      w,
      arena,
    });
    narrow(this.#workshop.heap.floats(output, this.#size("out")), out, outputs);
  }

  /** Fills out with the gradient by x. */
  inputGradient({ w, dy }: { readonly w: Float32Array; readonly dy: Float32Array }, out: Float32Array): void {
    using arena = this.#workshop.heap.arena();
    const input = this.#load(dy, this.#convolution.outputs, arena), output = arena.floats(this.#size("in"));
    this.#convolve("backward", { input, output, start: { address: 0, group: 0 }, w, arena });
    narrow(this.#workshop.heap.floats(output, this.#size("in")), out, this.#convolution.inputs);
  }

  /** Fills out with the gradient by w. */
  weightGradient(
    { x, dy }: { readonly x: Float32Array; readonly dy: Float32Array },
    out: Float32Array,
  ): void {
    using arena = this.#workshop.heap.arena();
    const { groups, inputs, outputs, kernel } = this.#convolution, geometry = this.#geometry;
    const input = this.#load(x, inputs, arena), gradient = this.#load(dy, outputs, arena);
    const batch = this.#batch({ pixels: this.#pixels.out, chunks: 1 });
    const plans = this.#workshop.plans.plans("pairs", geometry, batch);
    const size = plans.taps * plans.run * geometry.outputs, dw = arena.floats(groups * size);
    this.#workshop.kernel.clear(dw, FLOAT * groups * size);
    const outputsPerJob = PANEL * this.#share(parts(geometry.outputs, PANEL), groups * plans.taps);
    this.#workshop.team.run({
      type: "weight-gradient",
      batch,
      plans,
      input: this.#images(input, "in"),
      gradient: this.#images(gradient, "out"),
      dw: { address: dw, group: FLOAT * size },
      outputs: geometry.outputs,
      outputsPerJob,
    }, groups * plans.taps * parts(geometry.outputs, outputsPerJob));
    const each = inputs * outputs;
    for (let tap = 0; tap < groups * kernel * kernel; tap++) {
      const rows = this.#workshop.heap.floats(
        dw + FLOAT * tap * geometry.inputs * geometry.outputs,
        inputs * geometry.outputs,
      );
      narrow(rows, out.subarray(tap * each, (tap + 1) * each), outputs);
    }
  }

  /** Fills out with the gradient by the bias. */
  biasGradient(dy: Float32Array, out: Float32Array): void {
    using arena = this.#workshop.heap.arena();
    const { groups, outputs, images } = this.#convolution, width = groups * this.#geometry.outputs;
    const gradient = this.#load(dy, outputs, arena), sums = arena.floats(width);
    this.#workshop.kernel.clear(sums, FLOAT * width);
    this.#workshop.kernel.columnSums(gradient, images * this.#pixels.out, width, sums);
    narrow(this.#workshop.heap.floats(sums, width), out, outputs);
  }

  #convolve(
    direction: "forward" | "backward",
    { input, output, start, w, arena }: {
      readonly input: number;
      readonly output: number;
      readonly start: Grouped;
      readonly w: Float32Array;
      readonly arena: Arena;
    },
  ): void {
    const { groups } = this.#convolution, forward = direction === "forward";
    const [from, to] = forward ? ["in", "out"] as const : ["out", "in"] as const;
    const pixels = this.#pixels[to], width = forward ? this.#geometry.outputs : this.#geometry.inputs;
    const chunks = Math.min(JOBS, Math.floor(this.#convolution.images * pixels / BLOCK)) || 1;
    const batch = this.#batch({ pixels, chunks: this.#isSmall ? 1 : chunks });
    const plans = this.#workshop.plans.plans(direction, this.#geometry, batch);
    const panels = parts(width, PANEL), panelsPerJob = this.#share(panels, groups * chunkCount(batch));
    const packed = this.#pack(plans, { w, panels, transposed: !forward, arena });
    this.#workshop.team.run({
      type: "convolve",
      batch,
      plans,
      input: this.#images(input, from),
      packed,
      start,
      output: this.#images(output, to),
      width,
      panels,
      panelsPerJob,
    }, groups * chunkCount(batch) * parts(panels, panelsPerJob));
  }

  #pack(
    { taps, run }: Plans,
    { w, panels, transposed, arena }: {
      readonly w: Float32Array;
      readonly panels: number;
      readonly transposed: boolean;
      readonly arena: Arena;
    },
  ): Grouped {
    const { groups, inputs, outputs, kernel } = this.#convolution, each = w.length / groups;
    const weights = { address: arena.floats(w.length), group: FLOAT * each };
    this.#workshop.heap.floats(weights.address, w.length).set(w);
    const size = panels * taps * run * PANEL,
      packed = { address: arena.floats(groups * size), group: FLOAT * size };
    const panelsPerJob = this.#share(panels, groups);
    // The merged taps of a row lie one after the other in the packed weights.
    const layout = {
      taps: kernel ** 2,
      run: run * taps / kernel ** 2,
      inputs,
      outputs,
      transposed,
      tiled: false,
    };
    this.#workshop.team.run(
      { type: "pack", weights, packed, ...layout, panels, panelsPerJob },
      groups * parts(panels, panelsPerJob),
    );
    return packed;
  }

  #load(values: Float32Array, channels: number, arena: Arena): number {
    return load(values, channels, { arena, heap: this.#workshop.heap });
  }

  #size(side: "in" | "out"): number {
    return this.#convolution.images * this.#imageFloats(side);
  }

  #imageFloats(side: "in" | "out"): number {
    const { inputPitch, outputPitch } = this.#geometry;
    return this.#pixels[side] * (side === "in" ? inputPitch! : outputPitch!);
  }

  #images(address: number, side: "in" | "out") {
    const group = FLOAT * (side === "in" ? this.#geometry.inputs : this.#geometry.outputs);
    return { address, group, image: FLOAT * this.#imageFloats(side) };
  }

  #batch({ pixels, chunks }: { readonly pixels: number; readonly chunks: number }): Batch {
    return deal(this.#convolution.images, { block: Math.ceil(BLOCK / pixels), chunks });
  }

  /** Number of panels in a job, where each range of panels already makes `others` jobs. */
  #share(panels: number, others: number): number {
    return this.#isSmall ? panels : Math.ceil(panels / Math.ceil(JOBS / others));
  }

  get #isSmall(): boolean {
    const { groups, images, kernel, inputs, outputs } = this.#convolution;
    return groups * images * this.#pixels.out * kernel ** 2 * inputs * outputs < SMALL;
  }
}
