/**
 * Where an artifact is written before it is put in its place: `artifacts/`, one stage's folder or one point's may lie on
 * a disk of its own, and only within one disk does a rename publish a folder in one step.
 *
 * @module
 */
import { basename, dirname, join, relative, sep } from "node:path";
import { codeOf, exists, folderProblem, namesIfReadable, removeIfAny } from "../base/files.ts";
import { makeOwnFolder, refuseOther } from "../base/own_files.ts";
import { shown, type Workspace } from "../base/workspace.ts";

/** Whether a folder's name is as `folderOf` makes it. */
export function isKeyName(name: string): boolean {
  return /^[0-9a-f]{16}(-[0-9a-f]{6})?$/.test(name);
}

/** Whether a folder of a place is, or was, one of an artifact, by its name or its record. */
export async function isOfArtifact(dir: string): Promise<boolean> {
  return isKeyName(basename(dir)) || await exists(join(dir, "artifact.json"));
}

/** Why the artifacts of a place cannot be read, in words; undefined where they can, or there are none. */
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

/** Makes the folder of a place and returns its path. Throws an Error where it, or what hides in it, is not to be used. */
export async function makePlace(workspace: Workspace, place: string): Promise<string> {
  await refuseUnusable(workspace, place);
  const home = join(workspace.artifacts, place);
  for (const name of Object.values(HIDDEN)) await refuseOther(workspace, join(home, name), "folder");
  await Deno.mkdir(home, { recursive: true });
  return home;
}

/**
 * Makes a folder from which a rename leads to a place: in the store's own or, where the place is on another disk, beside
 * it. That is tried out, as a disk may be mounted twice.
 */
export async function stagingFor(workspace: Workspace, place: string): Promise<string> {
  const home = await makePlace(workspace, place);
  const name = `${place.replaceAll("/", "-")}-${crypto.randomUUID().slice(0, 8)}`;
  const ours = await makeOwnFolder(workspace, workspace.artifacts, HIDDEN.staging, name);
  if (await reaches(ours, home)) return ours;
  await removeIfAny(ours);
  return await makeOwnFolder(workspace, home, HIDDEN.staging, name);
}

/** Deno gives no process that is confined any file there, whatever it is allowed. */
const CLOSED = /^\/(dev|proc|sys)(?=\/)/;

/** Throws an Error where no stage could use a folder, and shows it as the user knows it. */
export async function refuseClosed(folder: string, name: string): Promise<void> {
  const path = await Deno.realPath(folder);
  const [closed] = path.match(CLOSED) ?? [];
  if (closed === undefined) return;
  throw new Error(
    `Cannot write to ${name}: it is at ${path}, and Deno lets no confined process read or write below ${closed}, ` +
      `put it on another disk`,
  );
}

/** Moves an empty folder to another one and back. */
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

/** Folders of the engine's own beside artifacts, which readers of a place pass over as they do all hidden ones. */
const HIDDEN = { aside: ".aside", staging: ".staging", trash: ".trash", probe: ".probe" } as const;

/** Where the folder of an artifact is while another takes its place: on the same disk whatever that is. */
export function asideOf(dir: string): string {
  return join(dirname(dir), HIDDEN.aside, basename(dir));
}

/** Makes the folder that a file or folder of the store is in while it is removed, if its disk is not the store's. */
export function trashBeside(workspace: Workspace, path: string): Promise<string> {
  return makeOwnFolder(workspace, dirname(path), HIDDEN.trash);
}

/**
 * What the engine has left beside artifacts, absolute: all that is found is of one that was killed. A link in the store
 * may lead to any folder, in which `.trash` is somebody else's: names tell.
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

/** What ends a name that was made up. */
const RANDOM = /-[0-9a-f]{8}$/;

/** Folders that artifacts or folders of artifacts lie in: of every stage, and of every point of it. */
export function placesIn({ artifacts }: Workspace): string[] {
  const below = (path: string) =>
    namesIfReadable(path).filter((name) => !name.startsWith(".")).map((name) => join(path, name));
  const stages = below(artifacts);
  return [...stages, ...stages.flatMap(below)];
}
