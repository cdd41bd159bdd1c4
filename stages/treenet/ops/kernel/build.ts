/**
 * Compiles the AssemblyScript sources of this folder (`*.as`) to `kernel.wasm` and, with fused multiply-adds,
 * to `kernel_fma.wasm`: `deno task build:kernel`.
 *
 * @module
 */
import asc from "assemblyscript/asc";

/** Files and the WebAssembly features that the compiler may use for each. */
export const BUILDS = {
  "kernel.wasm": ["simd", "threads"],
  "kernel_fma.wasm": ["simd", "threads", "relaxed-simd"],
} as const;

/** Compiles a file; returns its bytes. */
export async function compile(file: keyof typeof BUILDS): Promise<Uint8Array> {
  let bytes: Uint8Array | undefined;
  const { error, stderr } = await asc.main([
    "kernel.ts",
    ...["--outFile", file, "-O3", "--converge", "--noAssert", "--runtime", "stub"],
    ...["--importMemory", "--sharedMemory", "--maximumMemory", "65536", "--zeroFilledMemory"],
    ...[...BUILDS[file].flatMap((feature) => ["--enable", feature]), "--noColors"],
  ], {
    // The compiler asks for .ts files; ours are named .as so that no TypeScript tool reads them.
    readFile: (name) => readSource(name.replace(/\.ts$/, ".as")),
    writeFile: (_, contents) => void (bytes = contents as Uint8Array),
    listFiles: () => [],
  });
  if (error !== null || bytes === undefined) {
    throw new Error(`Cannot compile kernel.as: ${stderr.toString() || error}`, { cause: error });
  }
  return bytes;
}

async function readSource(name: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(new URL(`./${name}`, import.meta.url));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

if (import.meta.main) {
  for (const file of Object.keys(BUILDS) as (keyof typeof BUILDS)[]) {
    const bytes = await compile(file);
    await Deno.writeFile(new URL(`./${file}`, import.meta.url), bytes);
    console.error(`${file}: ${bytes.length} bytes`);
  }
}
