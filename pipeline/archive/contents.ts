/**
 * What goes into an archive: the source tree with its store, logs and published report, each in its usual place.
 *
 * @module
 */
import { basename, join } from "node:path";
import type { Engine } from "../engine.ts";
import { exists, namesIn, readJsonIfAny, walk } from "../files.ts";
import type { Task } from "../graph.ts";
import type { Status } from "../plan.ts";
import type { RunRecord } from "../provenance.ts";
import { sealed } from "../sealed.ts";
import type { Artifact, Digest } from "../types.ts";
import { shown } from "../workspace.ts";
import { fileFrom, fileOf, type PayloadFile } from "./payload.ts";
import type { ArchivePolicy, Derived } from "./policy.ts";

/** Folder of the source tree in the payload. */
export const REPOSITORY = "repository";

/** A file of an artifact that is not packed. */
export interface LeftOut {
  readonly file: string;
  readonly digest: Digest;
  readonly bytes: number;
  /** Its name for `--with`; undefined where it is not here either. */
  readonly category?: string;
}

/** A task with everything of it that is packed. */
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
}

/** Reads and hashes everything. `wanted` are the categories of large files to pack. */
export async function collect(
  engine: Engine,
  statuses: ReadonlyMap<Task, Status>,
  { policy, wanted }: { readonly policy: ArchivePolicy; readonly wanted: ReadonlySet<string> },
): Promise<Contents> {
  const { workspace, profile } = engine;
  const tasks: PackedTask[] = [];
  for (const [task, { artifact }] of statuses) {
    tasks.push(await packTask(engine, { task, artifact: artifact!, policy, wanted }));
  }
  const source: PayloadFile[] = [];
  for (const name of policy.source) source.push(...await filesBelow(workspace.root, name));
  source.push(...await filesBelow(workspace.root, "artifacts/README.md"));
  return { tasks, source, report: await filesBelow(workspace.root, `reports/${profile.name}`) };
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
  const records: PayloadFile[] = [];
  for (const name of ["artifact.json", "run.json"]) {
    records.push(await fileFrom(join(artifact.dir, name), `${folder}/${name}`));
  }
  if (leftOut.length > 0) {
    const text = `${JSON.stringify(sealed({ files: [...absent].sort() }), null, 2)}\n`;
    records.push(fileOf(text, `${folder}/elsewhere.json`));
  }
  const run = await readJsonIfAny<RunRecord>(join(artifact.dir, "run.json"));
  if (run === undefined) throw new Error(`Cannot archive ${task.id}: it has no run.json`);
  const derived = await policy.derive?.(artifact) ?? [];
  return {
    task,
    artifact,
    run,
    folder,
    files,
    records,
    leftOut,
    log: await lastLog(engine, task),
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

async function lastLog({ workspace }: Engine, { place }: Task): Promise<PayloadFile | undefined> {
  const folder = join(workspace.logs, place);
  const last = namesIn(folder).at(-1);
  if (last === undefined) return undefined;
  const path = join(folder, last);
  return await fileFrom(path, `${REPOSITORY}/${shown(workspace, path)}`);
}

/** A file, or all files below a folder, without links and what tools leave behind. */
async function filesBelow(root: string, name: string): Promise<PayloadFile[]> {
  const path = join(root, name);
  if (!await exists(path)) return [];
  if ((await Deno.stat(path)).isFile) return [await fileFrom(path, `${REPOSITORY}/${name}`)];
  const found: PayloadFile[] = [];
  for (const { name: below, isSymlink } of await walk(path)) {
    if (isSymlink || below.split("/").includes("node_modules") || basename(below) === ".DS_Store") continue;
    found.push(await fileFrom(join(path, below), `${REPOSITORY}/${name}/${below}`));
  }
  return found;
}

/** Every file of the payload that is collected. */
export function filesOf({ tasks, source, report }: Contents): readonly PayloadFile[] {
  const own = tasks.flatMap(({ files, records, log, derived }) => [
    ...files,
    ...records,
    ...(log ? [log] : []),
    ...derived.map(({ file }) => file),
  ]);
  return [...source, ...own, ...report];
}
