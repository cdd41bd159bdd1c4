/**
 * What this machine's WebAssembly can do at most: multiplications and additions of four floats at once, on twelve
 * independent sums, with a handful of operands from the first-level cache. No kernel is faster than that.
 *
 * @module
 */
import asc from "assemblyscript/asc";

const SUMS = 12;
const STEPS = 4; // a turn of the loop
const FLOPS = 2 * 4 * SUMS * STEPS; // a turn

/** Compiles the loop; a module can be sent to other threads. */
export async function compileCeiling({ fma }: { readonly fma: boolean }): Promise<WebAssembly.Module> {
  return await WebAssembly.compile(await compile(fma));
}

/** Returns a function that computes for `turns` and returns the FLOP it took. */
export async function startCeiling(module: WebAssembly.Module): Promise<(turns: number) => number> {
  const { exports } = await WebAssembly.instantiate(module, {});
  const run = exports.run as (turns: number) => number;
  return (turns) => {
    run(turns);
    return turns * FLOPS;
  };
}

function source(fma: boolean): string {
  const sums = Array.from({ length: SUMS }, (_, i) => `s${i}`);
  const add = (sum: string, i: number) => {
    const x = i % 2 === 0 ? "x" : "y";
    return fma
      ? `${sum} = f32x4.relaxed_madd(${x}, z, ${sum});`
      : `${sum} = f32x4.add(f32x4.mul(${x}, z), ${sum});`;
  };
  const step = (i: number) =>
    `x = v128.load(${64 * i}); y = v128.load(${64 * i + 16}); z = v128.load(${64 * i + 32});` +
    sums.map(add).join("");
  return `export function run(turns: i32): f32 {
    let x: v128, y: v128, z: v128, ${sums.map((sum) => `${sum} = f32x4.splat(0)`)};
    for (; turns > 0; turns--) { ${Array.from({ length: STEPS }, (_, i) => step(i)).join("\n")} }
    return f32x4.extract_lane(${sums.reduce((all, sum) => `f32x4.add(${all}, ${sum})`)}, 0);
  }`;
}

async function compile(fma: boolean): Promise<Uint8Array<ArrayBuffer>> {
  let bytes: Uint8Array<ArrayBuffer> | undefined;
  const { error, stderr } = await asc.main([
    ...["ceiling.ts", "--outFile", "ceiling.wasm", "-O3", "--noAssert", "--runtime", "stub"],
    ...["--initialMemory", "1", "--enable", "simd", ...fma ? ["--enable", "relaxed-simd"] : []],
  ], {
    readFile: (name) => name === "ceiling.ts" ? source(fma) : null,
    writeFile: (_, contents) => void (bytes = contents as Uint8Array<ArrayBuffer>),
    listFiles: () => [],
  });
  if (bytes === undefined) throw new Error(`Cannot compile the ceiling: ${stderr.toString() || error}`);
  return bytes;
}
