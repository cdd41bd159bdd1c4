/**
 * One attempt at one task: checks its inputs, runs it in a child process, seals its output.
 *
 * @module
 */
import { join } from "node:path";
import { nativeLibraries } from "../backend.ts";
import { childCommand } from "./child_command.ts";
import { type ChildOptions, type Outcome, runChild } from "../child/process.ts";
import { EditCheck } from "./edit_check.ts";
import type { Engine } from "../plan/engine.ts";
import { messageOf } from "../base/errors.ts";
import type { Emit } from "./events.ts";
import { namesIn, removeIfAny } from "../base/files.ts";
import { dependencies, filesRead } from "../tasks/graph.ts";
import type { Artifact, Task } from "../stage.ts";
import type { Guard } from "../child/guard.ts";
import { stampOf } from "../base/digests.ts";
import { folderOf } from "../tasks/key.ts";
import { attemptNumber, LogFile } from "../child/log_file.ts";
import { Meter } from "./pace.ts";
import type { Status } from "../plan/plan.ts";
import { type Host, packageNames, type RunRecord } from "../store/run_record.ts";
import { environmentVariables, permissions } from "../child/sandbox.ts";
import { makeOwnFolder } from "../base/own_files.ts";
import { makePlace, refuseClosed, stagingFor } from "../store/staging_place.ts";
import { forOthers, inTexts } from "../base/secrets.ts";
import { openScratch, removeScratch } from "../store/checkpoints.ts";
import { seal } from "../store/seal_artifact.ts";
import { damagedFiles } from "../store/artifacts.ts";
import { putStraysBeside } from "../store/strays.ts";
import { shown, type Workspace } from "../base/workspace.ts";

export interface AttemptOptions {
  readonly reasons: readonly string[];
  /** The artifacts of its input tasks. */
  readonly artifacts: (task: Task) => Artifact;
  readonly cores: number;
  readonly hints: Readonly<Record<string, string>>;
  readonly provenance: { readonly command: string; readonly commit: string | null; readonly host: Host };
  readonly emit: Emit;
  readonly guard: Guard;
  readonly signal: AbortSignal;
}

export type Attempted =
  | {
    readonly type: "built";
    readonly artifact: Artifact;
    readonly seconds: number;
    readonly unchanged: boolean;
  }
  | { readonly type: "failed"; readonly message: string; readonly log: string | null }
  | { readonly type: "stopped" }
  /** These inputs differ from their digests and must be rebuilt first. */
  | { readonly type: "damaged"; readonly inputs: readonly Task[] };

/** Runs a task whose status has a key. Faults of the task are outcomes and never thrown. */
export async function attempt(engine: Engine, status: Status, options: AttemptOptions): Promise<Attempted> {
  const damaged = await damagedInputs(engine, status.task, options);
  if (damaged.length > 0) return { type: "damaged", inputs: damaged };
  if (isReplaced(engine, status)) await sayStrays(engine, status.artifact!, options.emit);
  const folders = await makeFolders(engine.workspace, status);
  try {
    return await attemptIn(folders, { engine, status, options });
  } catch (error) {
    return { type: "failed", message: messageOf(error), log: shown(engine.workspace, folders.log) };
  } finally {
    await removeIfAny(folders.staging);
  }
}

/** The folders that one attempt writes to. */
export interface Folders {
  readonly staging: string;
  readonly scratch: string;
  readonly log: string;
}

/** The task of an attempt and its options. */
export interface Setting {
  readonly engine: Engine;
  readonly status: Status;
  readonly options: AttemptOptions;
}

async function attemptIn(folders: Folders, { engine, status, options }: Setting): Promise<Attempted> {
  const { task } = status;
  const before = await inputStamps(task, options);
  const started = new Date();
  // The wall clock may be adjusted while the task runs.
  const start = performance.now();
  const outcome = await runLogged(folders, { engine, status, options });
  const seconds = (performance.now() - start) / 1000;
  if (outcome.type === "stopped") return { type: "stopped" };
  const log = shown(engine.workspace, folders.log);
  if (outcome.type === "error") return { type: "failed", message: outcome.message, log };
  if (await inputStamps(task, options) !== before) {
    return {
      type: "failed",
      message: "a file it read changed while it ran, run the same command again",
      log,
    };
  }
  const run = recordOf({ engine, status, options }, { outcome, started, seconds });
  const { artifact, unchanged } = await sealResult(folders, { engine, status, options }, { outcome, run });
  await removeScratch(folders.scratch);
  return { type: "built", artifact, seconds: run.seconds, unchanged };
}

type Result = Outcome & { readonly type: "result" };

/** Seals the result. Other bytes under a sound artifact's key mean that the stage is not deterministic. */
async function sealResult(
  folders: Folders,
  { engine, status, options }: Setting,
  { outcome, run }: { readonly outcome: Result; readonly run: RunRecord },
): Promise<{ readonly artifact: Artifact; readonly unchanged: boolean }> {
  const { task, key, wanted: { modules }, artifact: old, state } = status;
  const draft = {
    task,
    key: key!,
    modules,
    staging: folders.staging,
    meta: outcome.meta,
    run,
  };
  const artifact = await seal(engine.workspace, draft, engine.digests);
  const unchanged = old?.digest === artifact.digest;
  if (state === "fresh" && !unchanged) {
    options.emit({
      type: "notice",
      message: `${task.id} gave other bytes than before from the same inputs and code`,
    });
  }
  return { artifact, unchanged };
}

/** Runs the stage in its child process, with a log of its output. */
export async function runLogged(folders: Folders, { engine, status, options }: Setting): Promise<Outcome> {
  const { task } = status;
  using log = await LogFile.open(folders.log);
  const id = task.id;
  const { reasons, cores, emit } = options;
  emit({ type: "start", id, reasons, cores, log: shown(engine.workspace, folders.log) });
  const { job, grants, flags, variables } = await childCommand(engine, task, { ...folders, ...options });
  const edits = new EditCheck(engine, task);
  const child = () =>
    runChild(job, {
      flags: [...flags, ...permissions(grants)],
      cwd: engine.workspace.root,
      env: { ...environmentVariables(grants, folders.scratch), ...variables },
      log,
      progress: progressOf(id, emit),
      loaded: () => edits.check(),
      guard: options.guard,
      signal: AbortSignal.any([options.signal, edits.signal]),
    });
  const outcome = await edits.verdict(await watched(child, { engine, task, emit }));
  if (outcome.type === "error") await log.note(`${id} failed: ${outcome.message}\n`);
  else await log.end();
  if (log.problem !== undefined) {
    emit({ type: "notice", message: `The log of ${id} is not complete: ${messageOf(log.problem)}` });
  }
  return outcome;
}

/** Runs a task's process, and watches the device it computes on, if any. */
async function watched(
  run: () => Promise<Outcome>,
  { engine, task, emit }: { readonly engine: Engine; readonly task: Task; readonly emit: Emit },
): Promise<Outcome> {
  const watch = task.stage.numeric === true ? engine.backend.watch?.() : undefined;
  if (watch === undefined) return await run();
  let outcome: Outcome | undefined;
  try {
    outcome = await run();
  } finally {
    const { records, words } = await watch.stop();
    if (outcome?.type === "result") outcome = { ...outcome, records: { ...outcome.records, ...records } };
    if (words !== undefined) emit({ type: "notice", message: `${task.id} ${words}` });
  }
  return outcome;
}

function progressOf(id: string, emit: Emit): ChildOptions["progress"] {
  const meter = new Meter();
  return ({ done, total, note }) => {
    emit({ type: "progress", id, done, total, note, ...meter.update(done, total, performance.now()) });
  };
}

/** Input tasks whose files differ from their digests. */
export async function damagedInputs(
  engine: Engine,
  task: Task,
  { artifacts, emit }: AttemptOptions,
): Promise<Task[]> {
  const found: Task[] = [];
  for (const [input, files] of filesRead(task)) {
    const artifact = artifacts(input);
    const needed = files ?? Object.keys(artifact.files);
    await sayStrays(engine, artifact, emit);
    const damaged = await damagedFiles(artifact, { digests: engine.digests, rehash: true, needed });
    if (damaged.length === 0) continue;
    found.push(input);
    const isElsewhere = artifact.elsewhere !== undefined && damaged.every((name) => name.endsWith(" (gone)"));
    const state = isElsewhere ? "was archived without what is read now" : "is damaged";
    const message = `${input.id} ${state} (${damaged.join(", ")}), it is built again`;
    emit({ type: "notice", message });
  }
  return found;
}

/** True where the known artifact has the folder that the new one will take. */
function isReplaced({ workspace }: Engine, { task, key, artifact }: Status): boolean {
  return artifact?.dir === join(workspace.artifacts, task.place, folderOf(key!));
}

/** Moves foreign files out of an artifact's folder, so that they are neither read nor deleted with it. */
async function sayStrays({ workspace }: Engine, artifact: Artifact, emit: Emit): Promise<void> {
  const beside = await putStraysBeside(artifact);
  if (beside === undefined) return;
  const message = `What was not part of ${artifact.task} in its folder is now in ${shown(workspace, beside)}`;
  emit({ type: "notice", message });
}

/** A text that changes if any input file does. */
async function inputStamps(task: Task, { artifacts }: AttemptOptions): Promise<string> {
  const stamps: (string | undefined)[] = [];
  for (const input of new Set(dependencies(task))) {
    const { dir, files } = artifacts(input);
    for (const name of Object.keys(files)) stamps.push(await stampOf(join(dir, name)));
  }
  return JSON.stringify(stamps);
}

async function makeFolders(workspace: Workspace, { task, key }: Status): Promise<Folders> {
  const scratch = await openScratch(workspace, { task: task.id, key: key! });
  await makeOwnFolder(workspace, workspace.artifacts, ".logs", ...task.place.split("/"));
  const log = await nextLog(workspace, task);
  const home = await makePlace(workspace, task.place);
  await refuseClosed(home, shown(workspace, home));
  return { staging: await stagingFor(workspace, task.place), scratch, log };
}

/** Path of the log of a new attempt, with the next number. */
export async function nextLog(workspace: Workspace, task: Task): Promise<string> {
  const logs = join(workspace.logs, task.place);
  await Deno.mkdir(logs, { recursive: true });
  const last = namesIn(logs).map(attemptNumber).reduce((most, n) => Math.max(most, n), 0);
  return join(logs, `${String(last + 1).padStart(4, "0")}.log`);
}

function recordOf(
  { engine, status, options }: Setting,
  { outcome, started, seconds }: {
    readonly outcome: Result;
    readonly started: Date;
    readonly seconds: number;
  },
): RunRecord {
  const record = {
    task: status.task.id,
    started: started.toISOString(),
    finished: new Date(started.getTime() + 1000 * seconds).toISOString(),
    seconds,
    peakMemory: outcome.peakMemory,
    host: options.provenance.host,
    deno: Deno.version.deno,
    backend: engine.backend.name,
    cores: options.cores,
    packages: packageNames(status.key!),
    command: options.provenance.command,
    commit: options.provenance.commit,
    sandboxed: nativeLibraries(status.task.stage, engine.backend).length === 0,
    records: outcome.records,
  };
  return inTexts(record, (text) => forOthers(text, engine.workspace.root));
}
