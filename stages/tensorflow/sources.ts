/**
 * The C++ sources and headers: of the npm packages in Deno's cache, and of our own operations.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { KERNELS } from "../treenet/ops/tensorflow/kernels.ts";
import { lastWords, runTool } from "./tool.ts";

/** Absolute paths. */
export interface Sources {
  /** C++ files: the package's own, and those of our operations and loops. */
  readonly files: readonly string[];
  /** Folders of headers: of Node-API and of the package. */
  readonly headers: readonly string[];
}

/** Where they are; fetches the packages where they are not here yet. */
export async function sources(): Promise<Sources> {
  const module = fileURLToPath(new URL("./proof_child.ts", import.meta.url));
  const said = await runTool([Deno.execPath(), "cache", "--quiet", module], { cwd: dirname(module) });
  if (said?.code !== 0) {
    const words = said ? lastWords(said) : "";
    throw new Error(
      `Cannot fetch the npm packages of the addon: ${words}, run "deno install" where there is a network`,
    );
  }
  const folder = (specifier: string) => dirname(fileURLToPath(specifier));
  const binding = join(folder(import.meta.resolve("@tensorflow/tfjs-node-gpu/package.json")), "binding");
  return {
    files: [
      ...["tfjs_backend.cc", "tfjs_binding.cc"].map((name) => join(binding, name)),
      ...KERNELS.map((url) => fileURLToPath(url)),
    ],
    headers: [join(folder(import.meta.resolve("node-api-headers/package.json")), "include"), binding],
  };
}
