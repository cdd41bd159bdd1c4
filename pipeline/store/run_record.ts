/**
 * The record of an artifact's run: `run.json`, beside it and outside its digest.
 *
 * @module
 */
import { cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { exists } from "../base/files.ts";
import { git, listed } from "../base/git.ts";
import { isNotSource } from "../base/leftovers.ts";
import type { Json, Key } from "../stage.ts";

/** The record of one attempt. Times are ISO 8601, memory is bytes. */
export interface RunRecord {
  readonly task: string;
  readonly started: string;
  readonly finished: string;
  readonly seconds: number;
  /** Peak resident memory of the task's process tree, bytes; null where the system does not report it. */
  readonly peakMemory: number | null;
  readonly host: Host;
  readonly deno: string;
  readonly backend: string;
  /** The cores that the stage received. */
  readonly cores: number;
  /** Packages of the key, `name@version`. */
  readonly packages: readonly string[];
  readonly command: string;
  readonly commit: string | null;
  /** False where native code was loaded. */
  readonly sandboxed: boolean;
  /** Facts that the stage recorded, and observations of its device. */
  readonly records: Readonly<Record<string, Json>>;
}

export interface Host {
  readonly cpu: string;
  readonly cores: number;
  readonly memory: number;
  readonly os: string;
  readonly gpu: string | null;
}

/** Model of the processor. */
export function processor(): string {
  return cpus()[0]?.model.trim() ?? "unknown";
}

/** The machine this runs on. */
export function hostFacts(): Host {
  return {
    cpu: processor(),
    cores: navigator.hardwareConcurrency,
    memory: totalmem(),
    os: `${type()} ${release()} ${Deno.build.arch}`,
    gpu: gpuModel(),
  };
}

/** Model of the NVIDIA card according to the driver's files in /proc; other cards are not detected. */
function gpuModel(): string | null {
  const folder = "/proc/driver/nvidia/gpus";
  try {
    for (const { name } of Deno.readDirSync(folder)) {
      const model = Deno.readTextFileSync(`${folder}/${name}/information`).match(/^Model:\s*(.+)$/m);
      if (model) return model[1];
    }
  } catch {
    return null;
  }
  return null;
}

/** Names in the root of the repository that a key can reach. */
const REACH = "deno.json deno.lock formats links package.json pipeline profiles stages treenet workflow"
  .split(" ");

/**
 * The commit of the repository at this folder, with ` (modified)` where tracked files differ from it or a key
 * can reach untracked ones; null without git, and in a subfolder of a repository.
 */
export async function commitOf(root: string): Promise<string | null> {
  const head = await git(root, ["rev-parse", "--is-inside-work-tree", "--show-prefix", "HEAD"]);
  const [isTree, prefix, commit] = head.type === "text" ? head.text.split("\n") : [];
  if (isTree !== "true" || prefix !== "") return null;
  const changes = await git(root, ["status", "--porcelain", "--untracked-files=no"]);
  const others = await listed(root, ["--others", "--", ...REACH]);
  if (changes.type === "none" || others === undefined) return null;
  const isModified = changes.text !== "" || others.some((name) => !isNotSource(name)) || await isHiding(root);
  return isModified ? `${commit} (modified)` : commit;
}

/** True where git ignores existing tracked files (`update-index --assume-unchanged`, or sparse ones, `S`). */
async function isHiding(root: string): Promise<boolean> {
  const marked = (await listed(root, ["-v"]) ?? []).filter((line) => /^[a-zS] /.test(line));
  return (await Promise.all(marked.map((line) => exists(join(root, line.slice(2)))))).some(Boolean);
}

/** The packages of a key, as run.json lists them. */
export function packageNames(key: Key): string[] {
  return Object.keys(key.packages);
}
