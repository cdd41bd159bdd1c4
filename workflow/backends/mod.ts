/**
 * The numeric backends of this workflow on this machine.
 *
 * @module
 */
import type { Backend, Choice } from "../../pipeline/backend.ts";
import { lockedPackage } from "./lock_file.ts";

/** The default one first: it needs nothing but Deno, and what is committed was made by it. */
export const BACKENDS = ["wasm", "tensorflow", "cpu"] as const;

/** Opens a backend. Throws an Error with the next step where it is not set up. */
export async function openBackend(name: string): Promise<Backend> {
  if (name === "tensorflow") {
    return await (await import("./tensorflow/tensorflow_backend.ts")).tensorflowBackend();
  }
  const { version } = lockedPackage(`@tensorflow/tfjs-backend-${name}`);
  return {
    name,
    environment: { backend: `${name} ${version}`, device: "cpu", fma: "no", deno: Deno.version.deno },
  };
}

/** Choice of `--backend auto`. */
export async function bestBackend(): Promise<Choice> {
  const { surroundings } = await import("./tensorflow/tensorflow_backend.ts");
  const { choose } = await import("./choice.ts");
  return choose(await surroundings());
}
