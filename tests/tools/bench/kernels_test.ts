import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { padded } from "../../../treenet/ops/wasm/heap_layout.ts";
import { Workshop } from "../../../treenet/ops/wasm/workshop.ts";
import { assertClose, conv2d, type Values, values } from "../../treenet/ops/wasm/ops_support.ts";
import { ceiling, CHAINS, UNROLLED } from "../../../tools/bench/kernels/ceiling.ts";
import { type LayerJobs, layersOf, STEPS, type Tree } from "../../../tools/bench/kernels/layer_jobs.ts";
import { merged } from "../../../tools/bench/kernels/measured_rates.ts";

/** Convolutions by plan and by tiles, on blocks of 12, 12 and 6 images. */
const TREE: Tree = {
  profile: "small",
  spec: { leaves: 16, channels: [8, 16, 20], kernel: 2, strides: [2, 1, 1] },
  images: 30,
  size: 10,
};

Deno.test("the ceiling's loop does the operations that are counted", () => {
  const turns = 2, steps = turns * UNROLLED;
  for (const chains of CHAINS) {
    let sum = 0;
    for (let chain = 0; chain < chains; chain++) {
      let value = 0.5 + chain;
      for (let step = 0; step < steps; step++) value = value * 0.5 + 1;
      sum += value;
    }
    assertAlmostEquals(ceiling(chains)(turns), sum, 1e-4);
  }
});

Deno.test("what is timed is the convolution and its gradients", async () => {
  const workshop = await Workshop.open(1);
  const forms = [];
  for (const layer of layersOf(workshop, TREE)) {
    forms.push(layer.layer.form);
    checkLayer(workshop, layer);
  }
  assertEquals(forms, ["planned", "planned", "tiled"]);
  workshop.close();
});

function checkLayer({ heap }: Workshop, { layer, work, jobs, products, places, blocks }: LayerJobs): void {
  assertEquals(products !== undefined, layer.form === "tiled");
  const { inputs, outputs, from, to } = layer, stride = layer.layer === 1 ? 2 : 1, [{ images }] = blocks;
  const shapes = {
    x: [images, from, from, inputs],
    y: [images, to, to, outputs],
    w: [2, 2, inputs, outputs],
  };
  const padding = padded(inputs);
  const [into, out, weights] = [images * from ** 2, images * to ** 2, 4 * padding * outputs];
  heap.floats(places.y, out * outputs).fill(NaN);
  heap.floats(places.dx, into * padding).fill(NaN);
  heap.floats(places.dw, weights).fill(NaN);
  for (const step of STEPS) jobs[step]();

  const x = unpadded(heap.floats(places.x, into * padding), shapes.x);
  const dx = unpadded(heap.floats(places.dx, into * padding), shapes.x);
  const w = { shape: shapes.w, data: Float64Array.from(heap.floats(places.w, 4 * inputs * outputs)) };
  const dy = { shape: shapes.y, data: Float64Array.from(heap.floats(places.dy, out * outputs)) };
  const dw = heap.floats(places.dw, weights).filter((_, i) => Math.floor(i / outputs) % padding < inputs);
  const bias = heap.floats(places.bias, outputs), convolution = { stride, pad: 0 };
  assertClose(
    heap.floats(places.y, out * outputs),
    conv2d(x, w, convolution).data.map((value, i) => Math.max(0, value + bias[i % outputs])),
    1e-5,
  );
  // The convolution is linear in x and in w, so its gradients' products with any direction are known.
  const along = values(shapes.x, 7), weightsAlong = values(shapes.w, 8);
  const expected = perImage(conv2d(along, w, convolution), dy).reduce((sum, one) => sum + one, 0);
  assertAlmostEquals(dot(dx.data, along.data), expected, 1e-2);
  const each = perImage(conv2d(x, weightsAlong, convolution), dy);
  const all = blocks.flatMap((block) => each.slice(0, block.images)).reduce((sum, one) => sum + one, 0);
  assertAlmostEquals(dot(dw, weightsAlong.data), all, 1e-2);
  const total = blocks.reduce((sum, block) => sum + block.images, 0);
  assertEquals(work.flop, 2 * total * to ** 2 * 4 * inputs * outputs);
  const tiles = Math.ceil(to / 3) ** 2;
  assertEquals(work.executed, layer.form === "tiled" ? 2 * total * tiles * 16 * inputs * outputs : work.flop);
}

Deno.test("a round takes as long as its slowest thread, and work that a thread left out is an error", () => {
  const sample = { of: { chains: 8 }, flop: 1, executed: 1, jobs: 4, done: 6, ms: [3, 1, 2] };
  const late = { ...sample, ms: [2, 4, 1] };
  assertEquals(merged([[sample], [late]])[0].quickest, 2);
  assertThrows(
    () => merged([[sample], [{ ...sample, done: 5 }]]),
    Error,
    "11 jobs were done, expected 3 × 4",
  );
});

/** [.., padded C] → [.., C] */
function unpadded(data: Float32Array, shape: readonly number[]): Values {
  const channels = shape.at(-1)!, width = padded(channels);
  return { shape, data: Float64Array.from(data.filter((_, i) => i % width < channels)) };
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.prototype.reduce.call(a, (sum, value, i) => sum as number + value * b[i], 0) as number;
}

/** Σ y ⊙ dy of each image. */
function perImage(y: Values, dy: Values): readonly number[] {
  const each = y.data.length / y.shape[0];
  return Array.from(
    { length: y.shape[0] },
    (_, i) => dot(y.data.subarray(i * each, (i + 1) * each), dy.data.subarray(i * each, (i + 1) * each)),
  );
}
