/**
 * How fast one thread computes the layers of a leaf and of the CNN, and the ceiling, as a worker: posts
 * {@linkcode Rate}s. Two workers at once say what two cores do.
 *
 * @module
 */
import { PAIRS, PANEL, parts, TILES } from "../../stages/treenet/ops/convolution_jobs.ts";
import { isTiled } from "../../stages/treenet/ops/geometry.ts";
import { Heap } from "../../stages/treenet/ops/heap.ts";
import { type Kernel, startKernel } from "../../stages/treenet/ops/kernel.ts";
import { PlanLibrary } from "../../stages/treenet/ops/plan_library.ts";
import { SQUARE, tiledBackward, tiledForward, type TiledLayer } from "../../stages/treenet/ops/tiled_jobs.ts";
import { values } from "../treenet/ops/support.ts";
import { startCeiling } from "./ceiling.ts";

/** What a worker is started with, both of one numeric mode. */
export interface Modules {
  readonly kernel: WebAssembly.Module;
  readonly ceiling: WebAssembly.Module;
}

/** One measurement. */
export interface Rate {
  readonly what: string;
  readonly step: "ceiling" | "forward" | "dX" | "dW" | "dX and dW";
  /** Multiplications and additions that the convolution's definition asks for, GFLOP/s. */
  readonly gflops: number;
  /** Those done for it: fewer in Winograd's form. Transforms take time but do not count. */
  readonly done: number;
}

/** Side, inputs and outputs: the paper's leaf, then layers of its CNN. */
const LAYERS = [[32, 4, 8], [31, 8, 16], [30, 16, 32], [29, 32, 48], [28, 48, 64], [30, 128, 256]] as const;
const WINDOW = 250; // ms; two workers that take as long for everything stay side by side

type Layer = (typeof LAYERS)[number];

const scope = self as unknown as {
  onmessage: (event: MessageEvent<Modules>) => Promise<void>;
  postMessage(rates: readonly Rate[]): void;
};

scope.onmessage = async ({ data: { kernel: module, ceiling: loop } }) => {
  const heap = new Heap(128), kernel = await startKernel(module, heap.memory);
  const ceiling = await startCeiling(loop);
  const [, rate] = measure(() => ceiling(20000));
  const rates: Rate[] = [{ what: "ceiling", step: "ceiling", gflops: rate, done: rate }];
  for (const layer of LAYERS) rates.push(...ratesOf(kernel, heap, layer));
  scope.postMessage(rates);
};

/** Calls for a while; returns ms of the quickest call, and GFLOP/s from the FLOP that a call returns. */
function measure(call: () => number): readonly [number, number] {
  let [least, flop] = [Infinity, 0];
  for (const end = performance.now() + WINDOW; performance.now() < end;) {
    const start = performance.now();
    flop = call();
    least = Math.min(least, performance.now() - start);
  }
  return [least, flop / least / 1e6];
}

function ratesOf(kernel: Kernel, heap: Heap, layer: Layer): readonly Rate[] {
  const [side, inputs, outputs] = layer;
  const geometry = { height: side, width: side, kernel: 2, stride: 1, pad: 0, inputs, outputs };
  const what = `${inputs}→${outputs} at ${side} px`, flop = 8 * (side - 1) ** 2 * inputs * outputs;
  const calls = isTiled(geometry) ? tiled(kernel, heap, layer) : planned(kernel, heap, layer);
  return calls.map(([step, share, call]) => {
    const [, gflops] = measure(() => {
      call();
      return step === "dX and dW" ? 2 * flop : flop;
    });
    return { what, step, gflops, done: gflops * share };
  });
}

/** Step, multiplications done for each of the definition, and what to call. */
type Call = readonly [Rate["step"], number, () => void];

function places(heap: Heap) {
  return (n: number) => {
    const address = heap.allocate(4 * n);
    heap.floats(address, n).set(values([Math.min(n, 4096)], 1).data.subarray(0, n));
    return address;
  };
}

function planned(kernel: Kernel, heap: Heap, [side, inputs, outputs]: Layer): readonly Call[] {
  const geometry = { height: side, width: side, kernel: 2, stride: 1, pad: 0, inputs, outputs };
  const library = new PlanLibrary(heap), batch = { images: 1, chunk: 1, block: 1 }, floats = places(heap);
  const plan = (kind: "forward" | "backward" | "pairs") => library.plans(kind, geometry, batch);
  const [forward, backward, pairs] = [plan("forward"), plan("backward"), plan("pairs")];
  const [x, y, dw] = [side ** 2 * inputs, (side - 1) ** 2 * outputs, 4 * inputs * outputs].map(floats);
  const packed = floats(4 * (inputs + PANEL) * (outputs + PANEL));
  const convolve = (plans: typeof forward, from: number, to: number, width: number) => () =>
    kernel.convolve(
      ...[plans.whole.address, plans.whole.classes, from, plans.run, packed, plans.taps, 0] as const,
      ...[parts(width, PANEL), width, 0, to, 1, TILES] as const,
    );
  return [
    ["forward", 1, convolve(forward, x, y, outputs)],
    ["dX", 1, convolve(backward, y, x, inputs)],
    ["dW", 1, () =>
      kernel.weightGradient(
        ...[pairs.whole.address, 0, pairs.taps, x, pairs.run, y, outputs, 0, outputs, dw, PAIRS] as const,
      )],
  ];
}

function tiled(kernel: Kernel, heap: Heap, [side, inputs, outputs]: Layer): readonly Call[] {
  const geometry = { height: side, width: side, kernel: 2, stride: 1, pad: 0, inputs, outputs };
  const form = new PlanLibrary(heap).form(geometry, { images: 1, chunk: 1, block: 1 }), floats = places(heap);
  if (form.type !== "tiled") throw new Error("Cannot measure tiles: the layer has none");
  const [x, y, dx, dw] = [
    side ** 2 * inputs,
    (side - 1) ** 2 * outputs,
    side ** 2 * inputs,
    16 * inputs * outputs,
  ]
    .map(floats);
  const packed = floats(SQUARE * (inputs + PANEL) * (outputs + PANEL)), bias = floats(outputs);
  const buffers = {
    frame: floats(SQUARE * inputs),
    inputs: floats(SQUARE * form.capacity * inputs),
    outputs: floats(SQUARE * form.capacity * outputs),
  };
  const layer: TiledLayer = {
    ...{ tiling: form, images: 1, inWidth: inputs, outWidth: outputs, x, buffers },
    affine: floats(2 * inputs),
  };
  const share = SQUARE * form.perImage / (4 * (side - 1) ** 2);
  return [
    ["forward", share, () => tiledForward(kernel, layer, { packed, bias, output: y })],
    ["dX and dW", share, () => tiledBackward(kernel, layer, { dy: y, packedTransposed: packed, dx, dw })],
  ];
}
