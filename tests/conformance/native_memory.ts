/**
 * Bytes that native code holds, as glibc's own allocator counts them.
 *
 * Resident memory also has what was freed and not yet returned, and V8's heap: tens of MiB that come and go.
 *
 * @module
 */

/** Bytes allocated and not freed, once V8 has collected; the process needs `--v8-flags=--expose-gc` and glibc. */
export async function nativeBytes(): Promise<number> {
  for (let round = 0; round < 2; round++) { // what the first finds is freed by finalizers, between turns of the event loop
    (globalThis as unknown as { gc: () => void }).gc();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const libc = Deno.dlopen("libc.so.6", {
    mallinfo2: { parameters: [], result: { struct: Array<"usize">(10).fill("usize") } },
  });
  const info = new BigUint64Array(libc.symbols.mallinfo2().buffer);
  libc.close();
  const [inMappedBlocks, inArenas] = [info[4], info[7]]; // hblkhd and uordblks in malloc.h
  return Number(inMappedBlocks + inArenas);
}
