/**
 * Staging folders of artifacts. `artifacts/`, a stage's folder or a point's folder may be on its own disk,
 * and a rename publishes a folder in one step only within one disk.
 *
 * @module
 */
import { basename, dirname, join, relative, sep } from "node:path";
import { codeOf, exists, folderProblem, namesIfReadable, removeIfAny } from "../base/files.ts";
import { makeOwnFolder, refuseOther } from "../base/own_files.ts";
import { shown, type Workspace } from "../base/workspace.ts";

/** True for a folder name that `folderOf` could have made. */
export function isKeyName(name: string): boolean {
  return /^[0-9a-f]{16}(-[0-9a-f]{6})?$/.test(name);
}

/** True where a folder is or was an artifact's, by its name or its record. */
export async function isOfArtifact(dir: string): Promise<boolean> {
  return isKeyName(basename(dir)) || await exists(join(dir, "artifact.json"));
}

/** The reason a place's artifacts cannot be read, in words; undefined where they can, or none exist. */
export async function placeProblem(workspace: Workspace, place: string): Promise<string | undefined> {
  const parts = place.split("/");
  for (let depth = 0; depth <= parts.length; depth++) {
    const path = join(workspace.artifacts, ...parts.slice(0, depth));
    if (!await exists(path)) return undefined;
    const problem = await folderProblem(path);
    if (problem !== undefined) return `${shown(workspace, path)}: ${problem}`;
  }
}

/** Throws an Error where no artifact can be put into a place. */
export async function refuseUnusable(workspace: Workspace, place: string): Promise<void> {
  const problem = await placeProblem(workspace, place);
  if (problem === undefined) return;
  throw new Error(`Cannot write to ${problem}, mount its disk again or move what is there away`);
}

/** Makes a place's folder and returns its path. Throws an Error where it or a hidden folder is unusable. */
export async function makePlace(workspace: Workspace, place: string): Promise<string> {
  await refuseUnusable(workspace, place);
  const home = join(workspace.artifacts, place);
  for (const name of Object.values(HIDDEN)) await refuseOther(workspace, join(home, name), "folder");
  await Deno.mkdir(home, { recursive: true });
  return home;
}

/**
 * Makes a folder that can be renamed into a place: in the store's staging folder or, where the place is on
 * another disk, beside it. A rename is tried, as a disk may be mounted twice.
 */
export async function stagingFor(workspace: Workspace, place: string): Promise<string> {
  const home = await makePlace(workspace, place);
  const name = `${place.replaceAll("/", "-")}-${crypto.randomUUID().slice(0, 8)}`;
  const ours = await makeOwnFolder(workspace, workspace.artifacts, HIDDEN.staging, name);
  if (await reaches(ours, home)) return ours;
  await removeIfAny(ours);
  return await makeOwnFolder(workspace, home, HIDDEN.staging, name);
}

/** Folders in which Deno allows a confined process no files, whatever its permissions. */
const CLOSED = /^\/(dev|proc|sys)(?=\/)/;

/** Throws an Error where no stage could use a folder; `name` is the user's name for it. */
export async function refuseClosed(folder: string, name: string): Promise<void> {
  const path = await Deno.realPath(folder);
  const [closed] = path.match(CLOSED) ?? [];
  if (closed === undefined) return;
  throw new Error(
    `Cannot write to ${name}: it is at ${path}, and Deno lets no confined process read or write below ${closed}, ` +
      `put it on another disk`,
  );
}

/** True where an empty folder can be renamed to the other one's disk and back. */
async function reaches(folder: string, home: string): Promise<boolean> {
  const probe = join(home, HIDDEN.probe);
  try {
    await Deno.rename(folder, probe);
  } catch (error) {
    if (codeOf(error) === "EXDEV") return false;
    throw error;
  }
  await Deno.rename(probe, folder);
  return true;
}

/** Hidden folders of the engine beside artifacts, which readers of a place skip. */
const HIDDEN = { aside: ".aside", staging: ".staging", trash: ".trash", probe: ".probe" } as const;

/** The folder of an artifact while another replaces it, on the same disk. */
export function asideOf(dir: string): string {
  return join(dirname(dir), HIDDEN.aside, basename(dir));
}

/** Makes a trash folder beside a file or folder whose disk is not the store's. */
export function trashBeside(workspace: Workspace, path: string): Promise<string> {
  return makeOwnFolder(workspace, dirname(path), HIDDEN.trash);
}

/**
 * Files that a killed engine left beside artifacts, absolute paths. A link in the store may lead to any
 * folder, where `.trash` may belong to others, so the names inside decide.
 */
export function leftBeside(workspace: Workspace): { readonly aside: string[]; readonly remains: string[] } {
  const [aside, remains]: string[][] = [[], []];
  for (const folder of placesIn(workspace)) {
    const place = relative(workspace.artifacts, folder).split(sep).join("-");
    const isOurs: Readonly<Record<string, (name: string) => boolean>> = {
      [HIDDEN.staging]: (name) => name.replace(RANDOM, "") === place,
      [HIDDEN.trash]: (name) => isKeyName(name.replace(RANDOM, "")) || name.startsWith(`${HIDDEN.staging}-`),
      [HIDDEN.probe]: () => false,
    };
    for (const name of namesIfReadable(folder)) {
      const path = join(folder, name);
      if (name === HIDDEN.aside) aside.push(path);
      else if (!Object.hasOwn(isOurs, name) || !Deno.lstatSync(path).isDirectory) continue;
      else if (namesIfReadable(path).every(isOurs[name])) remains.push(path);
    }
  }
  return { aside, remains };
}

/** The random end of a generated name. */
const RANDOM = /-[0-9a-f]{8}$/;

/** The folders of all stages, and of all their points. */
export function placesIn({ artifacts }: Workspace): string[] {
  const below = (path: string) =>
    namesIfReadable(path).filter((name) => !name.startsWith(".")).map((name) => join(path, name));
  const stages = below(artifacts);
  return [...stages, ...stages.flatMap(below)];
}
