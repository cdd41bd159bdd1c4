/**
 * Runs a task twice from the same inputs, into two folders that are compared and deleted.
 *
 * @module
 */
import { join } from "node:path";
import {
  type AttemptOptions,
  damagedInputs,
  type Folders,
  nextLog,
  runLogged,
  type Setting,
} from "./attempt.ts";
import { canonical } from "../base/json.ts";
import type { Engine } from "../plan/engine.ts";
import type { Difference } from "./events.ts";
import { exists, fill, removeIfAny, walk } from "../base/files.ts";
import type { Status } from "../plan/plan.ts";
import type { Json } from "../stage.ts";
import { shown } from "../base/workspace.ts";

export type Checked =
  | { readonly type: "checked"; readonly files: number; readonly difference: Difference | null }
  | { readonly type: "failed"; readonly message: string; readonly log: string }
  | { readonly type: "stopped" };

/** The output of one run. */
interface Left {
  readonly folder: string;
  readonly meta: Json;
}

/**
 * Runs a task twice. Where both runs agree and the store holds an artifact of the same key and numeric
 * environment, that is compared too. Throws an Error where an input cannot be read.
 */
export async function checkDeterminism(
  engine: Engine,
  status: Status,
  options: AttemptOptions,
): Promise<Checked> {
  const setting = { engine, status, options };
  await refuseUnreadable(setting);
  const base = join(engine.workspace.staging, `check-${crypto.randomUUID().slice(0, 8)}`);
  try {
    const left: Left[] = [];
    for (const name of ["first", "second"]) {
      const outcome = await runIn(join(base, name), setting);
      if ("type" in outcome) return outcome;
      left.push(outcome);
    }
    const files = await namesOf(left[0].folder);
    const difference = await compareRuns(left[0], left[1], "second run") ??
      await compareStored(left[0], status);
    return { type: "checked", files: files.length, difference };
  } finally {
    await removeIfAny(base);
  }
}

async function refuseUnreadable({ engine, status: { task, key }, options }: Setting): Promise<void> {
  const again = `run deno task stage '${task.id}' first`;
  if (key === undefined) throw new Error(`Cannot check ${task.id}: what it reads is not built, ${again}`);
  const damaged = await damagedInputs(engine, task, options);
  if (damaged.length === 0) return;
  throw new Error(`Cannot check ${task.id}: it reads ${damaged[0].id}, which is damaged, ${again}`);
}

/** Runs the task with its own checkpoints, so that neither run continues the other. */
async function runIn(
  base: string,
  setting: Setting,
): Promise<Left | Exclude<Checked, { readonly type: "checked" }>> {
  const { engine: { workspace }, status: { task } } = setting;
  const log = await nextLog(workspace, task);
  const folders: Folders = { staging: join(base, "out"), scratch: join(base, "scratch"), log };
  for (const folder of [folders.staging, folders.scratch]) await Deno.mkdir(folder, { recursive: true });
  const outcome = await runLogged(folders, setting);
  if (outcome.type === "stopped") return { type: "stopped" };
  if (outcome.type === "error") {
    return { type: "failed", message: outcome.message, log: shown(workspace, log) };
  }
  return { folder: folders.staging, meta: outcome.meta };
}

async function compareStored(left: Left, { state, artifact, key }: Status): Promise<Difference | null> {
  if (state !== "fresh" || artifact === undefined) return null;
  if (canonical(artifact.key.environment) !== canonical(key!.environment)) return null;
  const names = Object.keys(artifact.files);
  return await compareRuns(left, { folder: artifact.dir, meta: artifact.meta }, "store", names);
}

async function compareRuns(
  a: Left,
  b: Left,
  against: Difference["against"],
  theirs?: readonly string[],
): Promise<Difference | null> {
  const names = new Set([...await namesOf(a.folder), ...theirs ?? await namesOf(b.folder)]);
  for (const file of [...names].sort()) {
    const found = await compareFiles(join(a.folder, file), join(b.folder, file));
    if (found) return { against, file, ...found };
  }
  if (canonical(a.meta) === canonical(b.meta)) return null;
  const detail = `${canonical(a.meta).slice(0, 200)} and ${canonical(b.meta).slice(0, 200)}`;
  return { against, file: "meta", offset: null, detail };
}

async function namesOf(folder: string): Promise<string[]> {
  return (await walk(folder)).map(({ name }) => name);
}

async function compareFiles(
  a: string,
  b: string,
): Promise<Pick<Difference, "offset" | "detail"> | undefined> {
  const present = [await exists(a), await exists(b)];
  if (present.includes(false)) {
    return { offset: null, detail: `written by the ${present[0] ? "first" : "second"} alone` };
  }
  const offset = await firstDifference(a, b);
  if (offset === undefined) return undefined;
  const [first, second] = [await Deno.stat(a), await Deno.stat(b)];
  return { offset, detail: `of ${first.size} and ${second.size} bytes` };
}

/** Offset of the first byte that differs; where one file begins with the other, the shorter one's length. */
export async function firstDifference(a: string, b: string): Promise<number | undefined> {
  using first = await Deno.open(a);
  using second = await Deno.open(b);
  const [ours, theirs] = [new Uint8Array(1 << 20), new Uint8Array(1 << 20)];
  for (let start = 0;;) {
    const [n, m] = [await fill(first, ours), await fill(second, theirs)];
    const both = Math.min(n, m);
    for (let i = 0; i < both; i++) if (ours[i] !== theirs[i]) return start + i;
    if (n !== m) return start + both;
    if (n === 0) return undefined;
    start += n;
  }
}
