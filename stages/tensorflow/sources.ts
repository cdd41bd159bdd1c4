/**
 * The C++ sources and headers, out of the npm packages in Deno's cache.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { lastWords, runTool } from "./tool.ts";

/** Folders. */
export interface Sources {
  /** `tfjs_backend.cc`, `tfjs_binding.cc` and their headers. */
  readonly binding: string;
  /** `node_api.h` */
  readonly headers: string;
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
  return {
    binding: join(folder(import.meta.resolve("@tensorflow/tfjs-node-gpu/package.json")), "binding"),
    headers: join(folder(import.meta.resolve("node-api-headers/package.json")), "include"),
  };
}
