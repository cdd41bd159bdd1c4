import fc from "fast-check";
import { Heap } from "../../../../treenet/ops/wasm/heap.ts";
import {
  backwardPlan,
  forwardPlan,
  type Geometry,
  outputSize,
  pairPlan,
} from "../../../../treenet/ops/geometry.ts";
import { compileKernel, type Kernel, startKernel } from "../../../../treenet/ops/wasm/load_kernel.ts";
import { guarded } from "./guards.ts";
import { values } from "./ops_support.ts";

const small = (min: number, max: number) => fc.integer({ min, max });
const channels = small(1, 6).map((n) => 4 * n);

const geometries: fc.Arbitrary<Geometry> = fc.record({
  height: small(1, 9),
  width: small(1, 9),
  kernel: small(1, 7),
  stride: small(1, 4),
  pad: small(0, 3),
  inputs: channels,
  outputs: channels,
}).filter(({ height, width, kernel, pad }) => Math.min(height, width) + 2 * pad >= kernel);

/** Allocates between guards; contents are noise. */
function workbench(heap: Heap) {
  const noise = (n: number) => guarded(heap, n, values([n], n).data);
  const empty = (n: number) => guarded(heap, n);
  const zeros = (n: number) => guarded(heap, n, new Float32Array(n));
  const words = (list: Int32Array) => {
    const address = heap.allocate(4 * list.length);
    heap.words(address, list.length).set(list);
    return address;
  };
  return { noise, empty, zeros, words };
}

/** All three directions; every output must be written, from what belongs to it alone. */
function convolve(kernel: Kernel, heap: Heap, g: Geometry, images: number): void {
  const { noise, empty, zeros, words } = workbench(heap), { inputs, outputs } = g, taps = g.kernel ** 2;
  const [into, out] = [g.height * g.width, outputSize(g.height, g) * outputSize(g.width, g)];
  const panels = (n: number) => Math.ceil(n / 8);
  const x = noise(images * into * inputs),
    dy = noise(images * out * outputs),
    w = noise(taps * inputs * outputs);
  const y = empty(images * out * outputs), dx = empty(images * into * inputs), bias = noise(outputs);
  const packed = empty(panels(outputs) * 8 * taps * inputs),
    transposed = empty(panels(inputs) * 8 * taps * outputs);
  const dw = zeros(taps * inputs * outputs), db = zeros(outputs);
  kernel.pack(w.address, taps, inputs, outputs, inputs, 0, panels(outputs), packed.address);
  kernel.packTransposed(w.address, taps, inputs, outputs, outputs, 0, panels(inputs), transposed.address);
  const forward = forwardPlan(g, images), backward = backwardPlan(g, images), pairs = pairPlan(g, images);
  kernel.convolve(
    ...[words(forward.words), forward.classes, x.address, forward.run, packed.address, forward.taps] as const,
    ...[0, panels(outputs), outputs, bias.address, y.address, 1, 2] as const,
  );
  kernel.convolve(
    ...[words(backward.words), backward.classes, dy.address, backward.run, transposed.address] as const,
    ...[backward.taps, 0, panels(inputs), inputs, 0, dx.address, 0, 2] as const,
  );
  kernel.weightGradient(
    ...[words(pairs.words), 0, pairs.taps, x.address, pairs.run, dy.address, outputs] as const,
    ...[0, outputs, dw.address, 5] as const,
  );
  kernel.columnSums(dy.address, images * out, outputs, db.address);
  for (const [name, one] of Object.entries({ x, dy, w, y, dx, bias, packed, transposed, dw, db })) {
    one.check(name);
  }
}

/** Group and batch normalisation and pooling, there and back. */
function normalise(
  kernel: Kernel,
  heap: Heap,
  { inputs: width }: Geometry,
  images: number,
  pixels: number,
): void {
  const { noise, empty, zeros } = workbench(heap), size = images * pixels * width;
  const x = noise(size), dy = noise(size), gamma = noise(width), beta = noise(width);
  const moments = empty(2 * images), sums = empty(2 * width), y = empty(size), dx = empty(size);
  const dgamma = zeros(width), dbeta = zeros(width), affine = empty(2 * images * width);
  kernel.measure(x.address, images, pixels, width, width - 1, 1e-5, moments.address);
  const places = [gamma.address, beta.address, moments.address] as const;
  kernel.affine(images, width, ...places, affine.address);
  kernel.normalise(x.address, images, pixels, width, ...places, sums.address, y.address);
  kernel.normaliseBackward(
    ...[dy.address, x.address, images, pixels, width, width - 1, gamma.address, moments.address] as const,
    ...[sums.address, dgamma.address, dbeta.address, dx.address] as const,
  );
  const pooled = empty(images * width), unpooled = empty(size);
  kernel.pool(x.address, images, pixels, width, pooled.address);
  kernel.poolBackward(pooled.address, x.address, images, pixels, width, unpooled.address);
  const batch = empty(2 * width),
    z = empty(size),
    dz = empty(size),
    slopes = empty(width),
    shifts = empty(width);
  const numbers = [
    images * pixels,
    width,
    0,
    width,
    gamma.address,
    beta.address,
    1e-5,
    1,
    batch.address,
  ] as const;
  kernel.batchNormalise(x.address, ...numbers, z.address);
  kernel.batchNormaliseBackward(
    dy.address,
    x.address,
    ...numbers,
    slopes.address,
    shifts.address,
    dz.address,
  );
  const all = { x, dy, gamma, beta, moments, sums, y, dx, dgamma, dbeta, affine, pooled, unpooled };
  for (const [name, one] of Object.entries({ ...all, batch, z, dz, slopes, shifts })) one.check(name);
}

Deno.test("the kernel keeps to its buffers, and to what is in them, for any shape", async () => {
  const module = await compileKernel();
  await fc.assert(
    fc.asyncProperty(geometries, small(1, 3), async (geometry, images) => {
      const heap = new Heap(128), kernel = await startKernel(module, heap.memory);
      convolve(kernel, heap, geometry, images);
      normalise(kernel, heap, geometry, images, geometry.height * geometry.width);
    }),
    { numRuns: 80, seed: 11 },
  );
});
