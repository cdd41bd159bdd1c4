import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Heap } from "../../../../treenet/ops/wasm/heap.ts";
import { compileKernel, type Kernel, startKernel } from "../../../../treenet/ops/wasm/load_kernel.ts";
import { random } from "../../../../treenet/random.ts";
import { assertClose } from "./ops_support.ts";
import { guarded } from "./guards.ts";

/** A 2 × 2 convolution of images, channels being multiples of 4, and how many tiles are transformed at a time. */
interface Shape {
  readonly images: number;
  readonly height: number;
  readonly width: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly fives: number;
}

const four = (max: number) => fc.integer({ min: 1, max }).map((n) => 4 * n);
const shapes: fc.Arbitrary<Shape> = fc.record({
  images: fc.integer({ min: 1, max: 3 }),
  height: fc.integer({ min: 2, max: 13 }),
  width: fc.integer({ min: 2, max: 13 }),
  inputs: four(7),
  outputs: four(7),
  fives: fc.integer({ min: 1, max: 4 }),
});

/** Standard normal values, rounded to float32. */
function normals(n: number, seed: number): Float32Array {
  const stream = random(seed);
  return Float32Array.from({ length: n }, () => stream.normal());
}

/**
 * The convolution by its formula, in float64, of x [images, H, W, C], w [2, 2, C, O] and dy [images, H', W',
 * O].
 */
function formula(
  { images, height, width, inputs, outputs }: Shape,
  { x, w, dy }: Readonly<Record<"x" | "w" | "dy", Float32Array>>,
) {
  const [tall, wide] = [height - 1, width - 1];
  const y = new Float64Array(images * tall * wide * outputs);
  const dx = new Float64Array(x.length), dw = new Float64Array(w.length);
  for (let pixel = 0; pixel < images * tall * wide; pixel++) {
    const image = Math.floor(pixel / (tall * wide)),
      row = Math.floor(pixel / wide) % tall,
      column = pixel % wide;
    for (let tap = 0; tap < 4; tap++) {
      const from = (image * height + row + (tap >> 1)) * width + column + (tap & 1);
      for (let c = 0; c < inputs; c++) {
        for (let o = 0; o < outputs; o++) {
          const weight = (tap * inputs + c) * outputs + o, gradient = dy[pixel * outputs + o];
          y[pixel * outputs + o] += x[from * inputs + c] * w[weight];
          dx[from * inputs + c] += gradient * w[weight];
          dw[weight] += gradient * x[from * inputs + c];
        }
      }
    }
  }
  return { y, dx, dw };
}

/** The same through tiles, between guards. */
function tiled(kernel: Kernel, heap: Heap, shape: Shape, arrays: Parameters<typeof formula>[1]) {
  const { images, height, width, inputs, outputs, fives } = shape, capacity = 5 * fives;
  const across = Math.ceil((width - 1) / 3), tiles = images * across * Math.ceil((height - 1) / 3);
  const words = heap.words(heap.allocate(20), 5), at = words.byteOffset;
  words.set([height, width, height - 1, width - 1, across]);
  const [x, w, dy] = [arrays.x, arrays.w, arrays.dy].map((values) => guarded(heap, values.length, values));
  const y = guarded(heap, dy.inner.length),
    dx = guarded(heap, x.inner.length, new Float32Array(x.inner.length));
  const dw = guarded(heap, w.inner.length, new Float32Array(w.inner.length));
  const panels = (n: number) => Math.ceil(n / 8);
  const packed = guarded(heap, 16 * panels(outputs) * 8 * inputs);
  const transposed = guarded(heap, 16 * panels(inputs) * 8 * outputs);
  const squares = guarded(heap, 16 * inputs * outputs, new Float32Array(16 * inputs * outputs));
  const bias = guarded(heap, outputs, new Float32Array(outputs).fill(100)); // above the reach of the ReLU
  kernel.packTiles(w.address, inputs, outputs, inputs, 0, 0, panels(outputs), packed.address);
  kernel.packTiles(w.address, inputs, outputs, outputs, 1, 0, panels(inputs), transposed.address);
  for (let first = 0; first < tiles; first += capacity) {
    const count = Math.min(capacity, tiles - first);
    // Rows up to the next five hold NaNs, which may not reach a row that counts.
    const [v, m] = [inputs, outputs].map((channels) => guarded(heap, 16 * capacity * channels));
    const frame = guarded(heap, 16 * inputs);
    const load = () =>
      kernel.tilesOfInput(at, x.address, inputs, 0, first, count, capacity, frame.address, v.address);
    load();
    kernel.products(v.address, count, capacity, inputs, packed.address, outputs, m.address);
    kernel.outputOfTiles(at, m.address, outputs, bias.address, first, count, capacity, y.address);
    kernel.tilesOfGradient(at, dy.address, outputs, first, count, capacity, m.address);
    kernel.transposedProducts(v.address, count, capacity, inputs, m.address, outputs, squares.address);
    kernel.products(m.address, count, capacity, outputs, transposed.address, inputs, v.address);
    kernel.inputGradientOfTiles(at, v.address, inputs, first, count, capacity, dx.address);
    frame.check("a frame");
    for (const buffer of [v, m]) {
      buffer.inner.forEach((value, i) => Number.isNaN(value) && (buffer.inner[i] = 0));
      buffer.check("transformed tiles");
    }
  }
  kernel.weightsOfTiles(squares.address, inputs * outputs, dw.address);
  for (const [name, buffer] of Object.entries({ x, w, dy, y, dx, dw, packed, transposed, squares, bias })) {
    buffer.check(name);
  }
  return { y: y.inner.map((value) => value - 100), dx: dx.inner, dw: dw.inner };
}

Deno.test("Winograd's form is the float64 convolution, and stays in its buffers", async () => {
  const module = await compileKernel();
  await fc.assert(
    fc.asyncProperty(shapes, async (shape) => {
      const heap = new Heap(128), kernel = await startKernel(module, heap.memory);
      const { images, height, width, inputs, outputs } = shape;
      const x = normals(images * height * width * inputs, 1);
      const w = normals(4 * inputs * outputs, 2).map((value) => value / (2 * Math.sqrt(inputs)));
      const dy = normals(images * (height - 1) * (width - 1) * outputs, 3);
      const found = tiled(kernel, heap, shape, { x, w, dy }), expected = formula(shape, { x, w, dy });
      assertClose(found.y, expected.y, 1e-5); // of values that lie above 100
      assertClose(found.dx, expected.dx, 1e-6);
      assertClose(found.dw, expected.dw, 1e-6);
    }),
    { numRuns: 60, seed: 7 },
  );
});

Deno.test("Winograd's form of the paper's widest layer is off by less than 5e-7 of the norm", async () => {
  const heap = new Heap(128), kernel = await startKernel(await compileKernel(), heap.memory);
  const shape: Shape = { images: 1, height: 28, width: 28, inputs: 48, outputs: 64, fives: 12 };
  const x = normals(28 * 28 * 48, 1), w = normals(4 * 48 * 64, 2).map((value) => value / (2 * Math.sqrt(48)));
  const dy = normals(27 * 27 * 64, 3), arrays = { x, w, dy };
  const found = tiled(kernel, heap, shape, arrays), expected = formula(shape, arrays);
  const error = (a: Float32Array, b: Float64Array) =>
    Math.sqrt(
      a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0) / b.reduce((sum, v) => sum + v * v, 0),
    );
  assert(error(found.dx, expected.dx) < 5e-7, `dx: ${error(found.dx, expected.dx)}`);
  assert(error(found.dw, expected.dw) < 5e-7, `dw: ${error(found.dw, expected.dw)}`);
  assert(error(found.y, expected.y) < 1e-5, `y, beside 100: ${error(found.y, expected.y)}`);
});

Deno.test("an affine input is normalised on its way into tiles, and zeros are beyond its edge", async () => {
  const heap = new Heap(128), kernel = await startKernel(await compileKernel(), heap.memory);
  const words = heap.words(heap.allocate(20), 5);
  words.set([3, 3, 2, 2, 1]);
  const x = guarded(heap, 9 * 4, Float32Array.from({ length: 36 }, (_, i) => i));
  const affine = guarded(heap, 8, [2, 2, 2, 2, 1, 1, 1, 1]),
    frame = guarded(heap, 64),
    out = guarded(heap, 16 * 5 * 4);
  kernel.tilesOfInput(words.byteOffset, x.address, 4, affine.address, 0, 1, 5, frame.address, out.address);
  const expected = Array.from({ length: 64 }, (_, i) => {
    const [row, column, c] = [i >> 4, i >> 2 & 3, i & 3];
    return row < 3 && column < 3 ? 2 * ((3 * row + column) * 4 + c) + 1 : 0;
  });
  assertEquals([...frame.inner], expected);
});
