/**
 * The C++ sources and headers of the npm packages in Deno's cache and of our own operations.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { KERNELS } from "../../../../treenet/ops/tensorflow/kernels.ts";
import { lastWords, runTool } from "./tool.ts";

/** Absolute paths of the sources. */
export interface Sources {
  /** C++ files of the package and of our operations and loops. */
  readonly files: readonly string[];
  /** Folders of the headers of Node-API and of the package. */
  readonly headers: readonly string[];
}

/** Finds the sources; fetches the packages if they are not here yet. */
export async function sources(): Promise<Sources> {
  const module = fileURLToPath(new URL("../proof_child.ts", import.meta.url));
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
