/**
 * Compiles the AssemblyScript sources of this folder (`*.as`) to `kernel.wasm`: `deno task build:kernel`.
 *
 * @module
 */
import asc from "assemblyscript/asc";

/** The bytes of `kernel.wasm`. */
export async function compile(): Promise<Uint8Array> {
  let bytes: Uint8Array | undefined;
  const { error, stderr } = await asc.main([
    "kernel.ts",
    ...["--outFile", "kernel.wasm", "-O3", "--converge", "--noAssert", "--runtime", "stub"],
    ...["--importMemory", "--sharedMemory", "--maximumMemory", "65536", "--zeroFilledMemory"],
    ...["--enable", "simd", "--enable", "threads", "--noColors"],
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
  const bytes = await compile();
  await Deno.writeFile(new URL("./kernel.wasm", import.meta.url), bytes);
  console.error(`kernel.wasm: ${bytes.length} bytes`);
}
