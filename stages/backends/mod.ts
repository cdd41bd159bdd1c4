/**
 * The numeric backends of this workflow on this machine.
 *
 * @module
 */
import type { Backend, Choice } from "../../pipeline/types.ts";
import { compileKernel } from "../treenet/ops/kernel.ts";
import { lockedPackage } from "./lock_file.ts";

/** Backends, the default first: it needs only Deno, and the committed results were made with it. */
export const BACKENDS = ["wasm", "wasm-fma", "tensorflow", "cpu"] as const;

/** Opens a backend. Throws an Error with the next step where it is not set up. */
export async function openBackend(name: string): Promise<Backend> {
  if (name === "tensorflow") return await (await import("../tensorflow/backend.ts")).tensorflowBackend();
  const fma = name === "wasm-fma";
  if (fma) await compileKernel({ fma }); // throws where the runtime has none
  const { version } = lockedPackage(`@tensorflow/tfjs-backend-${fma ? "wasm" : name}`);
  return {
    name,
    environment: {
      backend: `${name} ${version}`,
      device: "cpu",
      fma: fma ? "yes" : "no",
      deno: Deno.version.deno,
    },
  };
}

/** Choice of `--backend auto`. */
export async function bestBackend(): Promise<Choice> {
  const { surroundings } = await import("../tensorflow/backend.ts");
  const { choose } = await import("./choice.ts");
  return choose(await surroundings());
}
