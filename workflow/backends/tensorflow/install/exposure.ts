/**
 * Check that only the user and the system can write where a native library is loaded from: others could put
 * their code into the user's processes.
 *
 * @module
 */
import { dirname, join, resolve } from "node:path";
import { cacheFolder } from "../cache_folder.ts";

const WRITE_BY_OTHERS = 0o022;
const STICKY = 0o1000;

/** A folder of libraries. */
interface Folder {
  /** Absolute path. */
  readonly dir: string;
  /** Paths below the folder; absolute paths are outside it and the user's own choice. */
  readonly files?: Readonly<Record<string, unknown>>;
}

/** A path that others can write. */
export interface Exposure {
  readonly found: string;
  readonly next: string;
}

/**
 * The first path, from the root downwards, that others may write or that another user owns; undefined if
 * there is none, or if the system has no such owners.
 */
export async function exposure(
  { dir, files = {} }: Folder,
  user: number | null = Deno.uid(),
): Promise<Exposure | undefined> {
  if (user === null) return;
  const real = (path: string) => Deno.realPath(path).catch(() => path);
  const roots = [cacheFolder(), await real(cacheFolder()), await real(dir)];
  const inside = ["installation.json", ...Object.keys(files)].map((name) => resolve(dir, name))
    .filter((path) => path.startsWith(`${dir}/`));
  const all = new Set([dir, ...roots, ...inside].flatMap((path) => [...ancestors(path), path]));
  for (const path of [...all].sort((a, b) => a.length - b.length)) {
    const info = await Deno.stat(path).catch(() => undefined);
    const isKept = roots.some((root) => path.startsWith(root));
    const found = info && problem(path, { info, user, isKept });
    if (found !== undefined) return found;
  }
}

/** Removes the write permission of others in a folder of the user's. */
export async function close(dir: string): Promise<void> {
  for await (const { name, isDirectory, isSymlink } of Deno.readDir(dir)) {
    if (isDirectory) await close(join(dir, name));
    else if (!isSymlink) await withoutOthers(join(dir, name));
  }
  await withoutOthers(dir);
}

function problem(
  path: string,
  { info: { mode, uid }, user, isKept }: {
    readonly info: Pick<Deno.FileInfo, "mode" | "uid">;
    readonly user: number;
    /** True for paths in the cache; above it a sticky bit, as of /tmp, protects the user's files. */
    readonly isKept: boolean;
  },
): Exposure | undefined {
  if (uid !== 0 && uid !== user) {
    const found = `${path} belongs to user ${uid}, who may put other code there`;
    return { found, next: `run "chown ${user} ${path}" or name another cache by XDG_CACHE_HOME` };
  }
  const bits = mode ?? 0;
  if ((bits & WRITE_BY_OTHERS) === 0 || (!isKept && (bits & STICKY) !== 0)) return;
  const found = `others may write ${path} (mode ${(bits & 0o7777).toString(8)})`;
  return { found, next: `run "chmod go-w ${path}"` };
}

function ancestors(path: string): string[] {
  const above = dirname(path);
  return above === path ? [] : [...ancestors(above), above];
}

async function withoutOthers(path: string): Promise<void> {
  const { mode } = await Deno.stat(path);
  if (mode !== null && (mode & WRITE_BY_OTHERS) !== 0) {
    await Deno.chmod(path, mode & 0o7777 & ~WRITE_BY_OTHERS);
  }
}
