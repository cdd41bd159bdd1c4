/**
 * The default backend for as long as it is needed.
 *
 * @module
 */
import { loadOps } from "../../treenet/ops/mod.ts";
import type { Ops } from "../../treenet/nn/types.ts";

const CORES = 2;

/** Runs `use` with the wasm backend's operations, and closes them. */
export async function withOps<T>(use: (ops: Ops) => T | Promise<T>): Promise<T> {
  const ops = await loadOps("wasm", { cores: CORES });
  try {
    return await use(ops);
  } finally {
    ops.close();
  }
}
