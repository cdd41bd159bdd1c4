/**
 * One installation: a folder with the addon, the libraries it links, and a record of their digests.
 *
 * @module
 */
import { basename, join, resolve } from "node:path";
import { z } from "zod";
import { namesIn, walk, writeAtomically } from "../../../pipeline/base/files.ts";
import { hashFile } from "../../../pipeline/base/digests.ts";
import { type Build, cacheFolder, currentBuild, pointerFile } from "./cache_folder.ts";
import { TENSORFLOW } from "./install/pins.ts";

/** Name of the addon's file. */
export const ADDON = "tfjs_binding.node";

const RECORD = "installation.json";

const record = z.strictObject({
  format: z.literal(1),
  variant: z.enum(["cpu", "gpu", "own"]),
  tensorflow: z.string(),
  binding: z.string(),
  headers: z.string(),
  build: z.string(),
  compiler: z.string(),
  source: z.union([
    z.strictObject({ wheels: z.array(z.strictObject({ file: z.string(), sha256: z.string() })).readonly() }),
    z.strictObject({ folder: z.string() }),
  ]),
  /** Path, relative to the folder or absolute → the file's sealed state; `mtime` is ms since 1970. */
  files: z.record(
    z.string(),
    z.strictObject({ sha256: z.string(), bytes: z.number(), mtime: z.number() }),
  ),
});

/** Contents of `installation.json`. */
export type InstallationRecord = z.infer<typeof record>;

/** An installation and its folder. */
export interface Installation extends InstallationRecord {
  /** Absolute path of the folder. */
  readonly dir: string;
  /** Absolute path of the addon. */
  readonly library: string;
}

/** Reads the installation in a folder; undefined if there is none or its record cannot be read. */
export async function readInstallation(dir: string): Promise<Installation | undefined> {
  try {
    const parsed = record.parse(JSON.parse(await Deno.readTextFile(join(dir, RECORD))));
    return { ...parsed, dir, library: join(dir, ADDON) };
  } catch {
    return undefined;
  }
}

/** All installations, of any build; `installation` is absent where the record is damaged. */
export async function allInstallations(): Promise<
  readonly { readonly name: string; readonly dir: string; readonly installation?: Installation }[]
> {
  const folder = cacheFolder();
  const names = namesIn(folder).filter((name) => /^(cpu|gpu|own)-/.test(name));
  return await Promise.all(names.map(async (name) => {
    const dir = join(folder, name);
    return { name, dir, installation: await readInstallation(dir) };
  }));
}

/** The installation that a build uses: the last one set up. */
export async function installationInUse(build: Build): Promise<Installation | undefined> {
  const name = await Deno.readTextFile(pointerFile(build)).catch(() => "");
  if (name === "" || name !== basename(name)) return undefined;
  return await readInstallation(join(cacheFolder(), name));
}

/** Makes an installation the one in use. */
export async function pointTo({ dir }: Installation, build: Build): Promise<void> {
  await writeAtomically(pointerFile(build), basename(dir));
}

/** Files that differ from their sealed state, in words. Without `rehash`, size and time decide. */
export async function damageIn(
  { dir, files }: Installation,
  { rehash = false }: { readonly rehash?: boolean } = {},
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [name, sealed] of Object.entries(files)) {
    const path = resolve(dir, name);
    const info = await Deno.stat(path).catch(() => undefined);
    if (info === undefined) found.push(`${name} is gone`);
    else if (info.size !== sealed.bytes) found.push(`${name} has ${info.size} bytes of ${sealed.bytes}`);
    else if (!rehash && info.mtime?.getTime() === sealed.mtime) continue;
    else if (await hashFile(path) !== sealed.sha256) found.push(`${name} differs from its digest`);
  }
  return found;
}

/** Writes the record of a folder's files; `linked` are absolute paths of other files the addon needs. */
export async function sealInstallation(
  dir: string,
  facts: Omit<InstallationRecord, "format" | "files"> & { readonly linked: readonly string[] },
): Promise<void> {
  const { linked, ...rest } = facts;
  const files: Record<string, InstallationRecord["files"][string]> = {};
  for (const name of [...(await walk(dir)).map(({ name }) => name), ...linked]) {
    const path = resolve(dir, name);
    const { size, mtime } = await Deno.stat(path);
    files[name] = { sha256: await hashFile(path), bytes: size, mtime: mtime?.getTime() ?? 0 };
  }
  const text = JSON.stringify({ format: 1, ...rest, files } satisfies InstallationRecord, null, 2);
  await Deno.writeTextFile(join(dir, RECORD), `${text}\n`);
}

/** The command that sets an installation up, without flags. */
export const COMMAND = "deno task setup:tensorflow";

/** Command that repairs an installation; one of another build is only to be removed. */
export function mend({ variant, source, tensorflow, build, dir }: Installation): string {
  if (build !== currentBuild().digest) return `remove ${dir}, this checkout has no use for it`;
  if ("folder" in source) return `${COMMAND} --libtensorflow ${source.folder.replace(/\/lib$/, "")}`;
  return `${COMMAND} --variant ${variant}${tensorflow === TENSORFLOW ? "" : ` --tensorflow ${tensorflow}`}`;
}
