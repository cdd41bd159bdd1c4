/**
 * What a task's child process may touch.
 *
 * A stage reads its declared inputs, the code it can reach and the package folders; it writes its staging folder and, if
 * it asks for one, its scratch folder; environment variables look unset. TensorFlow.js (wasm backend, worker threads,
 * shared memory), umap-js, pngjs, ml-matrix and resvg-wasm need no more than that. Two things widen it:
 *
 * - `network` opens connections to any host, and tells the system's facts (home folder, user) to npm's fetcher. What such
 *   a stage reads of the user's files and variables it has to name in `outside`.
 * - the native library of a backend (`--allow-ffi`) is code that no permission can hold: a stage that loads one is not
 *   sandboxed. The JavaScript around it stays confined, so that what it reads undeclared is still an error.
 *
 * Clock, random numbers and core count need no permission; the lint plugin forbids them in stages.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";

/** Everything a process is allowed; paths are absolute. */
export interface Grants {
  /** Read: folders of input artifacts. */
  readonly inputs: readonly string[];
  /** Read: modules and assets of the project. */
  readonly code: readonly string[];
  /** Read: folders of packages. */
  readonly packages: readonly string[];
  /** Read: files outside the project that the stage named. */
  readonly files: readonly string[];
  /** Environment variables that the stage named; all others look unset. */
  readonly variables: readonly string[];
  /** Read and write: the staging folder. */
  readonly out: readonly string[];
  /** Read and write: the scratch folder and its lock. */
  readonly scratch: readonly string[];
  readonly network: boolean;
  /** Native libraries it may load; they can do all that the user can. */
  readonly native: readonly string[];
}

/** No permission at all. */
export const NOTHING: Grants = {
  inputs: [],
  code: [],
  packages: [],
  files: [],
  variables: [],
  out: [],
  scratch: [],
  network: false,
  native: [],
};

/** Permission flags of `deno run`. */
export function permissions(grants: Grants): string[] {
  const { inputs, code, packages, files, variables, out, scratch, network, native } = grants;
  const write = [...out, ...scratch];
  return [
    "--no-prompt",
    ...flag("--allow-read", [...inputs, ...code, ...packages, ...files, ...native, ...write]),
    ...flag("--allow-write", write),
    ...flag("--allow-ffi", native),
    ...variables.length === 0 ? ["--ignore-env"] : ["--allow-env"],
    // npm's fetcher looks for its cache and for its user.
    ...(network ? ["--allow-net", "--allow-sys=homedir,uid"] : []),
  ];
}

/**
 * Flags with the paths and where they lead to, several where one would be longer than a system takes. There is none for
 * no values: a flag without a list would allow everything. Deno has no way to write a comma that is part of a path.
 */
function flag(name: string, values: readonly string[]): string[] {
  const paths = values.flatMap((path) => [path, realPathOf(path)]);
  const bad = paths.find((value) => value.includes(","));
  if (bad !== undefined) {
    throw new Error(
      `Cannot allow access to ${bad} alone: there is a comma in its path, move it to one without`,
    );
  }
  const lists: string[][] = [];
  let room = 0;
  for (const value of new Set(paths)) {
    const size = new TextEncoder().encode(value).length + 1;
    if (size > room) {
      lists.push([]);
      room = LONGEST;
    }
    lists.at(-1)!.push(value);
    room -= size;
  }
  return lists.map((list) => `${name}=${list.join(",")}`);
}

/** Where a path leads to: Deno asks for that, too, once a file is open. What is not there yet will be in its folder. */
function realPathOf(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return dirname(path) === path ? path : join(realPathOf(dirname(path)), basename(path));
  }
}

/** Linux takes no argument of 128 KiB or more; all of them together may be of 2 MiB. */
const LONGEST = 1e5; // bytes

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
 * The child's environment: only what Deno needs and what the stage named. The time zone and the locale are fixed,
 * temporary files go to the scratch folder, and no package.json that lies about has a say.
 */
export function environmentVariables({ variables }: Grants, scratch: string): Record<string, string> {
  const inherited = Object.entries(Deno.env.toObject()).filter(([name]) =>
    SYSTEM.includes(name) || variables.includes(name)
  );
  return {
    ...Object.fromEntries(inherited),
    TZ: "UTC",
    LC_ALL: "C",
    NO_COLOR: "1",
    TMPDIR: scratch,
    DENO_NO_UPDATE_CHECK: "1",
    DENO_NO_PACKAGE_JSON: "1",
  };
}
