/**
 * Permissions of a task's child process. A stage reads its declared inputs, the code it can reach and package
 * folders; it writes its staging folder and, on request, its scratch folder. Environment variables look
 * unset. `network` adds connections to any host, and shows npm's fetcher the home folder and the user. A
 * backend's native library (`--allow-ffi`) is code that no permission confines; the JavaScript around it
 * stays confined, so that an undeclared read is still an error. Clock, random numbers and core count need no
 * permission; the lint plugin forbids them in stages.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";

/** The permissions of a process; paths are absolute. */
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
  /** Native libraries it may load; they may do everything the user may. */
  readonly native: readonly string[];
}

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
    // npm's fetcher reads its cache folder and the user.
    ...(network ? ["--allow-net", "--allow-sys=homedir,uid"] : []),
  ];
}

/**
 * Flags with the paths and their links' targets, several where one exceeds the system's limit. No values give
 * no flag, as a flag without a list would allow everything. Deno cannot express a comma in a path.
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

/** A path with links resolved, which Deno checks once a file is open. Missing files go by their folder. */
function realPathOf(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return dirname(path) === path ? path : join(realPathOf(dirname(path)), basename(path));
  }
}

/** Limit of one argument: Linux takes less than 128 KiB for one, and 2 MiB for all. */
const LONGEST = 1e5; // bytes

/** Variables by which Deno and the system find their own files. */
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
 * The child's environment: variables that Deno needs and those the stage named. Time zone and locale are
 * fixed, temporary files go to the scratch folder, and package.json files are ignored.
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
