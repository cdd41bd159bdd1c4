/**
 * Folders for what is needed for a moment. Each has a lock of the operating system beside it, which dies with its
 * process: what a killed process left is known by that, and goes when the next folder is made.
 *
 * @module
 */
import { lstatSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { namesIn } from "./files.ts";

const PREFIX = "pipeline-";
const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/** Folders of this process. */
const live = new Set<TemporaryFolder>();

/** A folder that only this user may enter; disposing of it, an interrupt or the next run removes it. */
export class TemporaryFolder implements Disposable {
  /** Absolute, without links. */
  readonly path: string;
  readonly #lock: Deno.FsFile;

  private constructor(path: string, lock: Deno.FsFile) {
    this.path = path;
    this.#lock = lock;
  }

  /** Throws an Error where the system's folder for temporary files cannot be written. */
  static create(): TemporaryFolder {
    const parent = tmpdir();
    try {
      sweep(parent);
      const path = join(Deno.realPathSync(parent), PREFIX + crypto.randomUUID());
      // Listened to before anything is made: a signal waits until this function has returned.
      if (live.size === 0) SIGNALS.forEach((name) => Deno.addSignalListener(name, HANDLERS[name]!));
      // The lock comes first: a folder without one is a dead process's.
      const lock = Deno.openSync(lockOf(path), { write: true, createNew: true, mode: 0o600 });
      lock.lockSync(true);
      Deno.mkdirSync(path, { mode: 0o700 });
      const folder = new TemporaryFolder(path, lock);
      live.add(folder);
      return folder;
    } catch (cause) {
      if (live.size === 0) SIGNALS.forEach((name) => Deno.removeSignalListener(name, HANDLERS[name]!));
      throw new Error(`Cannot make a temporary folder in ${parent}, set TMPDIR to a folder you can write`, {
        cause,
      });
    }
  }

  [Symbol.dispose](): void {
    if (!live.delete(this)) return;
    if (live.size === 0) SIGNALS.forEach((name) => Deno.removeSignalListener(name, HANDLERS[name]!));
    removeFolder(this.path);
    this.#lock.close();
  }
}

/** Removes all folders, then lets the signal do what it does without this module. */
const HANDLERS: Partial<Record<Deno.Signal, () => void>> = Object.fromEntries(
  SIGNALS.map((name) => [name, () => {
    for (const folder of [...live]) folder[Symbol.dispose]();
    Deno.kill(Deno.pid, name);
  }]),
);

/** Removes what killed processes of this user left. Nothing that is a link, or somebody else's, is touched. */
function sweep(parent: string): void {
  for (const name of namesIn(parent).filter((name) => /^pipeline-[0-9a-f-]{36}(\.lock)?$/.test(name))) {
    const path = join(parent, name.slice(0, PREFIX.length + 36));
    if (isOurs(path, "directory") ? !isHeld(lockOf(path)) : isForgotten(lockOf(path))) removeFolder(path);
  }
}

/** A lock without its folder; a young one may be about to get it. */
function isForgotten(lock: string): boolean {
  const info = lstatSync(lock, { throwIfNoEntry: false });
  return isOurs(lock, "file") && Date.now() - info!.mtimeMs > 60_000 && !isHeld(lock);
}

/** A child that is just ending may still write. */
function removeFolder(path: string): void {
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      Deno.removeSync(path, { recursive: true });
      break;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) break;
    }
  }
  try {
    Deno.removeSync(lockOf(path));
  } catch {
    // What cannot be removed now can be by the next run.
  }
}

function lockOf(path: string): string {
  return `${path}.lock`;
}

function isHeld(path: string): boolean {
  if (!isOurs(path, "file")) return false;
  using file = Deno.openSync(path, { write: true });
  return !file.tryLockSync(true);
}

function isOurs(path: string, kind: "file" | "directory"): boolean {
  const info = lstatSync(path, { throwIfNoEntry: false });
  const isKind = kind === "file" ? info?.isFile() : info?.isDirectory();
  return isKind === true && (Deno.uid() === null || info?.uid === Deno.uid());
}
