/**
 * The contents of an archive: source tree, store, logs and published report, each in its usual place.
 *
 * @module
 */
import { join } from "node:path";
import { canonical } from "../base/json.ts";
import type { Engine } from "../plan/engine.ts";
import { exists, readJsonIfAny } from "../base/files.ts";
import type { Artifact, Digest, Task } from "../stage.ts";
import { lastLog } from "../child/log_file.ts";
import type { Status } from "../plan/plan.ts";
import type { RunRecord } from "../store/run_record.ts";
import { readRun } from "../store/artifact_record.ts";
import { recordText } from "../store/seal_artifact.ts";
import { forOthers, inTexts, withoutSecrets } from "../base/secrets.ts";
import { shown } from "../base/workspace.ts";
import { fileFrom, fileOf, type PayloadFile } from "./payload.ts";
import type { ArchivePolicy, Derived } from "../archive_policy.ts";
import { sourceFiles } from "./source_tree.ts";

/** Folder of the source tree in the payload. */
export const REPOSITORY = "repository";

/** An artifact's file that is not packed. */
export interface LeftOut {
  readonly file: string;
  readonly digest: Digest;
  readonly bytes: number;
  /** The file's category, a name for `--with`; undefined where the file is missing here too. */
  readonly category?: string;
}

/** A task with all its packed files. */
export interface PackedTask {
  readonly task: Task;
  readonly artifact: Artifact;
  readonly run: RunRecord;
  /** Folder in the payload. */
  readonly folder: string;
  /** The artifact's own files. */
  readonly files: readonly PayloadFile[];
  /** artifact.json, run.json, elsewhere.json. */
  readonly records: readonly PayloadFile[];
  readonly leftOut: readonly LeftOut[];
  readonly log?: PayloadFile;
  readonly derived: readonly (Derived & { readonly file: PayloadFile })[];
}

export interface Contents {
  readonly tasks: readonly PackedTask[];
  readonly source: readonly PayloadFile[];
  /** The published report with its figures. */
  readonly report: readonly PayloadFile[];
  /** Remarks for the user about the choice of files, one line each. */
  readonly notes: readonly string[];
}

/** Reads and hashes every file. `wanted` names the categories of large files to pack. */
export async function collect(
  engine: Engine,
  statuses: ReadonlyMap<Task, Status>,
  { policy, wanted }: { readonly policy: ArchivePolicy; readonly wanted: ReadonlySet<string> },
): Promise<Contents> {
  const tasks: PackedTask[] = [];
  for (const [task, { artifact }] of statuses) {
    tasks.push(await packTask(engine, { task, artifact: artifact!, policy, wanted }));
  }
  const { names, notes } = await sourceFiles(engine, policy);
  const source: PayloadFile[] = [];
  for (const name of names) {
    source.push(await fileFrom(join(engine.workspace.root, name), `${REPOSITORY}/${name}`));
  }
  return { tasks, source, report: await publishedFiles(engine, tasks), notes };
}

/** The published files of the report, without other files in its folder. */
async function publishedFiles(
  { workspace, profile }: Engine,
  tasks: readonly PackedTask[],
): Promise<PayloadFile[]> {
  const folder = join(workspace.reports, profile.report);
  const names = tasks.filter(({ task }) => task.stage.publish).flatMap(({ artifact }) =>
    Object.keys(artifact.files)
  );
  const found: PayloadFile[] = [];
  for (const name of names.sort()) {
    const path = join(folder, name);
    if (!await exists(path)) continue;
    found.push(await fileFrom(path, `${REPOSITORY}/reports/${profile.report}/${name}`));
    if (name.endsWith(".md")) await refuseSecrets(path, tasks);
  }
  return found;
}

/** Refuses a report that quotes a command in which secrets were recorded. */
async function refuseSecrets(path: string, tasks: readonly PackedTask[]): Promise<void> {
  const commands = tasks.map(({ run }) => run.command).filter((line) => withoutSecrets(line) !== line);
  if (commands.length === 0) return;
  const text = await Deno.readTextFile(path);
  if (!commands.some((command) => text.includes(command))) return;
  throw new Error(
    `Cannot archive ${path}: it quotes a command with a password or a signature in a URL, remove it and run ` +
      `"deno task reproduce", which publishes it without`,
  );
}

async function packTask(
  engine: Engine,
  { task, artifact, policy, wanted }: {
    readonly task: Task;
    readonly artifact: Artifact;
    readonly policy: ArchivePolicy;
    readonly wanted: ReadonlySet<string>;
  },
): Promise<PackedTask> {
  const folder = `${REPOSITORY}/${shown(engine.workspace, artifact.dir)}`;
  const leftOut = await filesLeftOut(artifact, { policy, wanted });
  const absent = new Set(leftOut.map(({ file }) => file));
  const files: PayloadFile[] = [];
  for (const file of Object.keys(artifact.files).filter((name) => !absent.has(name)).sort()) {
    const packed = await fileFrom(join(artifact.dir, file), `${folder}/${file}`);
    if (packed.sha256 !== artifact.files[file]) {
      throw new Error(`Cannot archive ${task.id}: ${file} is damaged, run "deno task reproduce" first`);
    }
    files.push(packed);
  }
  const run = await readRun(join(artifact.dir, "run.json"));
  if (run === undefined) {
    throw new Error(
      `Cannot archive ${task.id}: its run.json is missing or damaged, run "deno task stage '${task.id}' --force", which ` +
        `writes a new one`,
    );
  }
  const records = [
    await fileFrom(join(artifact.dir, "artifact.json"), `${folder}/artifact.json`),
    await runFile(engine, run, { path: join(artifact.dir, "run.json"), name: `${folder}/run.json` }),
  ];
  if (leftOut.length > 0) {
    records.push(fileOf(recordText({ files: [...absent].sort() }), `${folder}/elsewhere.json`));
  }
  const derived = await policy.derive?.(artifact) ?? [];
  return {
    task,
    artifact,
    run,
    folder,
    files,
    records,
    leftOut,
    log: await logFile(engine, task),
    derived: derived.map((each) => ({ ...each, file: fileOf(each.bytes, each.name) })),
  };
}

async function filesLeftOut(
  artifact: Artifact,
  { policy, wanted }: { readonly policy: ArchivePolicy; readonly wanted: ReadonlySet<string> },
): Promise<LeftOut[]> {
  const record = await readJsonIfAny<{ files: Record<string, { bytes: number }> }>(
    join(artifact.dir, "artifact.json"),
  );
  const found: LeftOut[] = [];
  for (const [file, digest] of Object.entries(artifact.files)) {
    const isHere = !artifact.elsewhere?.includes(file) || await exists(join(artifact.dir, file));
    const category = Object.keys(policy.aside).find((name) =>
      policy.aside[name].holds(artifact.key.stage, file)
    );
    const isWanted = category === undefined || wanted.has(category);
    if (isHere && isWanted) continue;
    found.push({ file, digest, bytes: record?.files[file]?.bytes ?? 0, ...(isHere ? { category } : {}) });
  }
  return found;
}

/** The run.json as it is, or sealed again without the secrets and paths that an earlier version recorded. */
async function runFile(
  { workspace }: Engine,
  record: RunRecord,
  { path, name }: { readonly path: string; readonly name: string },
): Promise<PayloadFile> {
  const { seal: _, ...run } = record as RunRecord & { readonly seal?: Digest };
  const clean = inTexts(run, (text) => forOthers(text, workspace.root));
  if (canonical(clean) === canonical(run)) return await fileFrom(path, name);
  return fileOf(recordText(clean), name);
}

/** The log of the last attempt, without paths of this machine. */
async function logFile({ workspace }: Engine, { place }: Task): Promise<PayloadFile | undefined> {
  const path = lastLog(workspace, place);
  if (path === undefined) return undefined;
  const name = `${REPOSITORY}/${shown(workspace, path)}`;
  const text = await Deno.readTextFile(path);
  const clean = forOthers(text, workspace.root);
  return clean === text ? await fileFrom(path, name) : fileOf(clean, name);
}

/** All collected files. */
export function filesOf({ tasks, source, report }: Contents): readonly PayloadFile[] {
  const own = tasks.flatMap(({ files, records, log, derived }) => [
    ...files,
    ...records,
    ...(log ? [log] : []),
    ...derived.map(({ file }) => file),
  ]);
  return [...source, ...own, ...report];
}
