/**
 * What a task's child process may touch.
 *
 * A stage reads its declared inputs, the code it can reach and the package folders; it writes its staging and scratch
 * folders; environment variables look unset. TensorFlow.js (wasm backend, worker threads, shared memory), umap-js,
 * vega, pngjs, ml-matrix and resvg-wasm need no more than that. Two needs widen it:
 *
 * - `network` also reads every file and variable, because npm's configuration and certificates may lie anywhere, and
 *   a local source may be named by the user. It still writes nowhere else.
 * - `ffi` loads native code, which no permission can hold: such a stage is not sandboxed at all.
 *
 * Clock, random numbers and core count need no permission; the lint plugin forbids them in stages.
 *
 * @module
 */
import type { AnyStage } from "./types.ts";

export interface Reach {
  readonly stage: AnyStage;
  /** Absolute paths: inputs, code, packages. */
  readonly read: readonly string[];
  /** Absolute paths: staging and scratch; readable as well. */
  readonly write: readonly string[];
}

/** Permission flags of `deno run`. */
export function permissions({ stage, read, write }: Reach): string[] {
  const { network = false, ffi = false } = stage.needs ?? {};
  const trusted = network || ffi;
  return [
    "--no-prompt",
    trusted ? "--allow-read" : `--allow-read=${list([...read, ...write])}`,
    ffi ? "--allow-write" : `--allow-write=${list(write)}`,
    trusted ? "--allow-env" : "--ignore-env",
    ...(trusted ? ["--allow-sys"] : []),
    ...(network ? ["--allow-net"] : []),
    ...(ffi ? ["--allow-ffi"] : []),
  ];
}

/** Deno has no way to write a comma that is part of a path. */
function list(paths: readonly string[]): string {
  const bad = paths.find((path) => path.includes(","));
  if (bad === undefined) return paths.join(",");
  throw new Error(
    `Cannot allow access to ${bad} alone: there is a comma in its path, move it to one without`,
  );
}

/** Variables that decide where Deno and the system find their own things. */
const SYSTEM = [
  "PATH",
  "HOME",
  "DENO_DIR",
  "XDG_CACHE_HOME",
  "LD_LIBRARY_PATH",
  "USERPROFILE",
  "LOCALAPPDATA",
  "APPDATA",
  "SystemRoot",
];

/**
 * The child's environment: the engine's own for stages that are trusted, else only what Deno needs. The time zone and
 * the locale are fixed, temporary files go to the scratch folder.
 */
export function environmentVariables(stage: AnyStage, scratch: string): Record<string, string> {
  const trusted = stage.needs?.network === true || stage.needs?.ffi === true;
  const inherited = Object.entries(Deno.env.toObject()).filter(([name]) => trusted || SYSTEM.includes(name));
  return {
    ...Object.fromEntries(inherited),
    TZ: "UTC",
    LC_ALL: "C",
    NO_COLOR: "1",
    TMPDIR: scratch,
    DENO_NO_UPDATE_CHECK: "1",
  };
}
