/**
 * The machine: its processor, memory and free disk space.
 *
 * @module
 */
import { availableParallelism, cpus, totalmem } from "node:os";
import { freeBytes } from "../../../pipeline/base/files.ts";
import { cpuFlags } from "../../backends/tensorflow/tensorflow_machine.ts";
import { cacheFolder } from "../../backends/tensorflow/cache_folder.ts";
import type { Check } from "./check.ts";

/** Instruction sets that the report names. */
const FEATURES = ["avx", "avx2", "fma", "avx512f", "amx_tile"];

/** Bytes that a run of the default profile may take, packages included. */
const ROOM = 2e9;

/**
 * Checks the processor, the memory and the disk.
 *
 * @param store folder of the artifacts
 */
export async function machineChecks(store: string): Promise<readonly Check[]> {
  const flags = await cpuFlags();
  const features = FEATURES.filter((name) => flags?.has(name));
  const model = cpus()[0]?.model.trim() ?? "unknown";
  return [
    { name: "Deno", state: "ok", found: `${Deno.version.deno}, V8 ${Deno.version.v8}` },
    { name: "system", state: "ok", found: `${Deno.build.os} ${Deno.build.arch} ${Deno.osRelease()}` },
    {
      name: "CPU",
      state: "ok",
      found: `${availableParallelism()} cores, ${model}${
        features.length > 0 ? `, ${features.join(" ")}` : ""
      }`,
    },
    { name: "memory", state: "ok", found: gigabytes(totalmem()) },
    simd(),
    await room("disk of artifacts", store),
    await room("disk of the cache", cacheFolder()),
  ];
}

/** WebAssembly module with one SIMD instruction (i8x16.popcnt of a splat). */
// deno-fmt-ignore
const SIMD = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

function simd(): Check {
  if (WebAssembly.validate(SIMD)) return { name: "WebAssembly SIMD", state: "ok", found: "yes" };
  return { name: "WebAssembly SIMD", state: "missing", found: "no", next: "use a CPU with SSE4.1 or NEON" };
}

async function room(name: string, folder: string): Promise<Check> {
  const free = await freeBytes(folder);
  const found = `${gigabytes(free)} free in ${folder}`;
  if (free >= ROOM) return { name, state: "ok", found };
  return { name, state: "note", found, next: `make room: ${gigabytes(ROOM)} are enough for most` };
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
