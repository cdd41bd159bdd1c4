/**
 * The folder `reports/<profile>/`, or that of a profile with overrides. It may be a link into a paper's
 * folder and hold the user's files; only files of a published report are replaced or removed.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { sha256 } from "../base/json.ts";
import type { Engine } from "../plan/engine.ts";
import { exists, fileProblem, folderProblem, GONE, namesIn, readTextIfAny, walk } from "../base/files.ts";
import { readArtifact } from "../store/artifacts.ts";
import type { Artifact } from "../stage.ts";
import { shown, type Workspace } from "../base/workspace.ts";

/** The folder's real path; a missing folder is made. Throws an Error where none can be made. */
export async function openReportFolder({ workspace, profile }: Engine): Promise<string> {
  const folder = join(workspace.reports, profile.report);
  for (const path of [workspace.reports, folder]) await makeFolder(workspace, path);
  return await Deno.realPath(folder);
}

async function makeFolder(workspace: Workspace, path: string): Promise<void> {
  const info = await Deno.stat(path).catch(() => undefined);
  if (info?.isDirectory) return;
  if (!await exists(path)) return await Deno.mkdir(path);
  const link = await Deno.readLink(path).catch(() => undefined);
  const state = link === undefined ? "it is no folder" : `it is a link to ${link}, where no folder is`;
  throw new Error(`Cannot publish to ${shown(workspace, path)}: ${state}, make one there or move it away`);
}

/** The last line of a published text: its artifact, and a digest that reveals edits by hand. */
export function sealOf(text: string, { task, digest }: Pick<Artifact, "task" | "digest">): string {
  return `\n<!-- artifact ${task} ${digest}, text ${sha256(text).slice(0, 16)} -->\n`;
}

/** The content of a text's last line. */
function readSeal(
  text = "",
): { readonly task: string; readonly digest: string; readonly isIntact: boolean } | undefined {
  const [seal, task, digest] =
    text.match(/\n<!-- artifact (\S+) ([0-9a-f]{64}), text [0-9a-f]{16} -->\s*$/) ?? [];
  if (seal === undefined) return undefined;
  const artifact = { task, digest } as Pick<Artifact, "task" | "digest">;
  return { task, digest, isIntact: seal === sealOf(text.slice(0, -seal.length), artifact) };
}

/** True where the folder holds the artifact as published, with these `texts`. */
export async function holds(
  engine: Engine,
  folder: string,
  { artifact, texts }: { readonly artifact: Artifact; readonly texts: ReadonlyMap<string, string> },
): Promise<boolean> {
  for (const [name, digest] of Object.entries(artifact.files)) {
    const path = join(folder, name);
    const isThere = texts.has(name)
      ? await plainText(path) === texts.get(name)
      : await engine.digests.remembered(path) === digest;
    if (!isThere) return false;
  }
  return true;
}

/** True for texts, which get their placeholders filled in and a seal. */
export function isText(name: string): boolean {
  return name.endsWith(".md");
}

/** The file's text with Unix line ends, as git may have changed them. */
async function plainText(path: string): Promise<string | undefined> {
  const text = await readTextIfAny(path).catch(() => undefined);
  return text?.replaceAll("\r\n", "\n");
}

/** The files in a report's folder. */
export interface Found {
  /** Files of a report that was published from this store or has its seal, except edited texts. */
  readonly ours: readonly string[];
  /** Texts of a report that were edited or lost their seal, and other files of it that were replaced. */
  readonly edited: readonly string[];
}

/** Sorts the files in the folder. Throws an Error where it holds files, but none of a report. */
export async function lookInto(engine: Engine, folder: string, artifact: Artifact): Promise<Found> {
  const found = (await walk(folder)).map(({ name }) => name).filter((name) =>
    !basename(name).startsWith(".")
  );
  for (const name of Object.keys(artifact.files)) await refuseOther(engine, folder, name);
  const reports = await reportsLike(artifact);
  const ours: string[] = [], edited: string[] = [], unknown: string[] = [];
  let last: Artifact | undefined;
  let isReport = found.length === 0;
  // `walk` does not follow links, so files behind them are looked up by name.
  for (const name of new Set([...found, ...Object.keys(artifact.files)])) {
    const path = join(folder, name);
    if (!(await Deno.stat(path).catch(() => undefined))?.isFile) continue;
    if (isText(name)) {
      const seal = readSeal(await plainText(path));
      const isOne = seal?.task === artifact.task;
      isReport ||= isOne;
      if (isOne) last = reports.find(({ digest }) => digest === seal.digest);
      if (isOne && seal.isIntact) ours.push(name);
      else if (name in artifact.files) edited.push(name);
    } else if (reports.some(({ files }) => name in files)) {
      const digest = await engine.digests.remembered(path);
      if (reports.some(({ files }) => files[name] === digest)) ours.push(name);
      else unknown.push(name);
    }
  }
  // The last report is known, so files that differ from it were replaced by a user.
  if (last !== undefined) edited.push(...unknown.filter((name) => name in artifact.files));
  if (isReport || ours.length > 0) return { ours, edited };
  throw cannotPublish(
    engine,
    `it holds ${
      found[0] ?? edited[0]
    } and no published report, move that away and run the same command again`,
  );
}

/** Throws an Error where a file of the report cannot be put in its place, or its folder cannot. */
async function refuseOther(engine: Engine, folder: string, name: string): Promise<void> {
  const above = dirname(name);
  const problems = [
    [name, await fileProblem(join(folder, name))],
    ...above === "." ? [] : [[above, await folderProblem(join(folder, above))]],
  ];
  for (const [what, problem] of problems) {
    if (problem === undefined || problem === GONE) continue;
    throw cannotPublish(engine, `${what} is ${problem}, move it away and run the same command again`);
  }
}

function cannotPublish({ workspace, profile }: Engine, why: string): Error {
  return new Error(`Cannot publish to ${shown(workspace, join(workspace.reports, profile.report))}: ${why}`);
}

/** All artifacts of the task in the store: earlier published reports. */
async function reportsLike(artifact: Artifact): Promise<readonly Artifact[]> {
  const place = dirname(artifact.dir);
  const found = await Promise.all(
    namesIn(place).map((name) => readArtifact(join(place, name)).catch(() => undefined)),
  );
  return found.filter((each) => each !== undefined);
}

/** Renames an edited text; returns its new name. */
export async function keepEdit(folder: string, name: string): Promise<string> {
  for (let i = 1;; i++) {
    const kept = `${name}.edited${i === 1 ? "" : `-${i}`}`;
    if (await exists(join(folder, kept))) continue;
    await Deno.rename(join(folder, name), join(folder, kept));
    return kept;
  }
}

/** Removes a file, and the folders that become empty. */
export async function removeFrom(folder: string, name: string): Promise<void> {
  await Deno.remove(join(folder, name));
  for (let above = dirname(name); above !== "."; above = dirname(above)) {
    if (namesIn(join(folder, above)).length > 0) return;
    await Deno.remove(join(folder, above));
  }
}
