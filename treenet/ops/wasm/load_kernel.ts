/**
 * The compiled kernel: its functions and their memory. Addresses are in bytes; the sources in `kernel/`
 * document each function.
 *
 * @module
 */

type Numbers<N extends number, T extends number[] = []> = T["length"] extends N ? T
  : Numbers<N, [...T, number]>;

/** Functions that kernel.wasm exports. */
export interface Kernel {
  convolve(...args: Numbers<13>): void;
  pack(...args: Numbers<8>): void;
  packTransposed(...args: Numbers<8>): void;
  weightGradient(...args: Numbers<11>): void;
  columnSums(x: number, pixels: number, width: number, sums: number): void;
  accumulate(to: number, from: number, n: number): void;
  clear(at: number, bytes: number): void;
  measure(...args: Numbers<7>): void;
  normalise(...args: Numbers<9>): void;
  normaliseBackward(...args: Numbers<12>): void;
  pool(...args: Numbers<5>): void;
  poolBackward(...args: Numbers<6>): void;
  affine(...args: Numbers<6>): void;
  tilesOfInput(...args: Numbers<9>): void;
  outputOfTiles(...args: Numbers<8>): void;
  tilesOfGradient(...args: Numbers<7>): void;
  inputGradientOfTiles(...args: Numbers<7>): void;
  products(...args: Numbers<7>): void;
  transposedProducts(...args: Numbers<7>): void;
  packTiles(...args: Numbers<8>): void;
  weightsOfTiles(v: number, n: number, dw: number): void;
  batchNormalise(...args: Numbers<11>): void;
  batchNormaliseBackward(...args: Numbers<14>): void;
  squares(x: number, n: number): number;
  scale(...args: Numbers<3>): void;
  adamw(...args: Numbers<8>): void;
  ema(...args: Numbers<4>): void;
  times64(...args: Numbers<6>): void;
  transposedTimes64(...args: Numbers<6>): void;
}

/** Bytes of a page of WebAssembly memory. */
export const PAGE = 65536;
/** Pages that a 32-bit address reaches: 4 GiB. */
export const PAGES = 65536;

/** Memory that threads can share; it grows up to 4 GiB. */
export function sharedMemory(): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: 1, maximum: PAGES, shared: true });
}

/** Compiles the kernel; a module can be sent to other threads. */
export async function compileKernel(): Promise<WebAssembly.Module> {
  return await WebAssembly.compile(await Deno.readFile(new URL("./kernel/kernel.wasm", import.meta.url)));
}

/** Starts the kernel over `memory`, for one thread. */
export async function startKernel(module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<Kernel> {
  const instance = await WebAssembly.instantiate(module, { env: { memory } });
  return instance.exports as unknown as Kernel;
}
