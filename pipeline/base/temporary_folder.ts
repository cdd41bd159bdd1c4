/**
 * Temporary folders. A lock of the operating system lies beside each and ends with its process: a folder
 * whose lock is free belongs to a killed process, and is removed when the next folder is made.
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

/** A folder that only this user may enter. Disposing of it, an interrupt or the next run removes it. */
export class TemporaryFolder implements Disposable {
  /** Absolute path, links resolved. */
  readonly path: string;
  readonly #lock: Deno.FsFile;

  private constructor(path: string, lock: Deno.FsFile) {
    this.path = path;
    this.#lock = lock;
  }

  /** Makes a folder. Throws an Error where the system's temporary folder cannot be written. */
  static create(): TemporaryFolder {
    const parent = tmpdir();
    try {
      sweep(parent);
      const path = join(Deno.realPathSync(parent), PREFIX + crypto.randomUUID());
      // The handlers come before the folder: a signal waits until this function has returned.
      if (live.size === 0) SIGNALS.forEach((name) => Deno.addSignalListener(name, HANDLERS[name]!));
      // The lock comes before the folder: a folder without a lock belongs to a dead process.
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

/** Handlers that remove all folders, then repeat the signal without a handler. */
const HANDLERS: Partial<Record<Deno.Signal, () => void>> = Object.fromEntries(
  SIGNALS.map((name) => [name, () => {
    for (const folder of [...live]) folder[Symbol.dispose]();
    Deno.kill(Deno.pid, name);
  }]),
);

/** Removes the folders of this user's killed processes. Links and other users' folders are not touched. */
function sweep(parent: string): void {
  for (const name of namesIn(parent).filter((name) => /^pipeline-[0-9a-f-]{36}(\.lock)?$/.test(name))) {
    const path = join(parent, name.slice(0, PREFIX.length + 36));
    try {
      if (isOurs(path, "directory") ? !isHeld(lockOf(path)) : isForgotten(lockOf(path))) removeFolder(path);
    } catch {
      // Its owner or another engine removed it at this moment.
    }
  }
}

/** True for a lock without its folder, unless it is so young that the folder may follow. */
function isForgotten(lock: string): boolean {
  const info = lstatSync(lock, { throwIfNoEntry: false });
  return isOurs(lock, "file") && Date.now() - info!.mtimeMs > 60_000 && !isHeld(lock);
}

/** Removes a folder in up to five attempts, as a child that is ending may still write. */
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
    // The next run can remove it.
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
