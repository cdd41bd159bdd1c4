/**
 * The folder of TensorFlow's library and our addon to it: a cache of the user that all checkouts share.
 *
 *     ~/.cache/treenet/tensorflow/
 *       .lock                          held by the running setup
 *       current-<build>                name of the installation that this build uses
 *       cpu-2.21.0-<build>/
 *         installation.json            versions, source, and the digest of every file
 *         tfjs_binding.node            the addon
 *         lib/tensorflow/, lib/nvidia/ libraries, laid out as in their wheels, so that they find each other
 *
 * @module
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { lockedPackage } from "../lock_file.ts";
import { HEADERS, KERNELS } from "../../../treenet/ops/tensorflow/kernels.ts";

/** Source of the library: fetched for the CPU, fetched for NVIDIA GPUs, or the user's own. */
export type Variant = "cpu" | "gpu" | "own";

/** Number to increase when the same sources are to be compiled differently. */
const RECIPE = 4;

/** Sources of the addon. */
export interface Build {
  /** Version of npm's @tensorflow/tfjs-node-gpu, whose two C++ files are compiled. */
  readonly binding: string;
  /** Version of npm's node-api-headers. */
  readonly headers: string;
  /** 12 hex digits: a digest of both packages, of our own operations, and of the way they are compiled. */
  readonly digest: string;
}

/** The build that this checkout asks for: its deno.lock and its own operations. */
export function currentBuild(): Build {
  const binding = lockedPackage("@tensorflow/tfjs-node-gpu");
  const headers = lockedPackage("node-api-headers");
  const own = shortDigest([...KERNELS, ...HEADERS].map((url) => readFileSync(url, "utf8")).join("\n"));
  const digest = shortDigest(`${RECIPE} ${binding.integrity} ${headers.integrity} ${own}`);
  return { binding: binding.version, headers: headers.version, digest };
}

/** Folder of all installations. */
export function cacheFolder(): string {
  const home = Deno.env.get("XDG_CACHE_HOME") || join(homedir(), ".cache");
  return join(home, "treenet", "tensorflow");
}

/** Name of an installation's folder; that of the user's own library depends on its path. */
export function folderName(
  variant: Variant,
  { version, build, path = "" }: { readonly version: string; readonly build: Build; readonly path?: string },
): string {
  return `${variant}-${version}-${path === "" ? build.digest : shortDigest(`${build.digest} ${path}`)}`;
}

/** Path of the file that names the installation in use. */
export function pointerFile({ digest }: Build): string {
  return join(cacheFolder(), `current-${digest}`);
}

function shortDigest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
