/**
 * An unfinished archive beside its final path. Its name lets the next run recognise a killed run's files.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { exists, namesIn, removeIfAny, writeAll } from "../base/files.ts";

/** Matches `a.zip.0123abcd.archive.tmp`; no other program uses such names. */
const TEMPORARY = /\.[0-9a-f]{8}\.archive\.tmp$/;

/** A locked file that becomes the archive when it is complete; disposing of it earlier removes it. */
export class Draft implements AsyncDisposable {
  readonly #file: Deno.FsFile;
  readonly #path: string;
  readonly #to: string;

  private constructor(file: Deno.FsFile, { path, to }: { readonly path: string; readonly to: string }) {
    [this.#file, this.#path, this.#to] = [file, path, to];
  }

  /** Starts an archive and removes what killed runs left in its folder. */
  static async create(to: string): Promise<Draft> {
    await removeRemains(dirname(to));
    for (;;) {
      const path = `${to}.${crypto.randomUUID().slice(0, 8)}.archive.tmp`;
      const file = await Deno.open(path, { read: true, write: true, createNew: true }).catch(refusal(to));
      // Until it was locked, another run could have removed it as a leftover.
      if (await isLocked(file) && await exists(path)) return new Draft(file, { path, to });
      file.close();
    }
  }

  /** Writes into the file, which stays open afterwards because closing it would end the lock. */
  writable(): WritableStream<Uint8Array<ArrayBuffer>> {
    return new WritableStream({
      write: (bytes) => writeAll(this.#file, bytes).catch(refusal(this.#to)),
    });
  }

  /** Moves the file to its final path in one step. */
  async publish(): Promise<void> {
    await this.#file.sync().catch(refusal(this.#to));
    await Deno.rename(this.#path, this.#to).catch(refusal(this.#to));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#file.close();
    await removeIfAny(this.#path);
  }
}

function refusal(to: string): (cause: unknown) => never {
  return (cause) => {
    throw new Error(`Cannot write ${to}, make room there or pass another path with --out`, { cause });
  };
}

/** True where the file is locked, or where the file system has no locks. */
async function isLocked(file: Deno.FsFile): Promise<boolean> {
  return await file.tryLock(true).catch(() => true);
}

/** Removes unfinished archives that no process has locked. */
async function removeRemains(folder: string): Promise<void> {
  for (const name of namesIn(folder).filter((name) => TEMPORARY.test(name))) {
    const path = join(folder, name);
    try {
      if (!(await Deno.lstat(path)).isFile) continue;
      using file = await Deno.open(path, { read: true, write: true });
      if (await file.tryLock(true)) await Deno.remove(path);
    } catch {
      // Another user's file, or already removed: it does not disturb this run.
    }
  }
}
