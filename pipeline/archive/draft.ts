/**
 * An archive while it is written: beside its place, under a name by which the next one knows the remains of a killed one.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { exists, namesIn, removeIfAny, writeAll } from "../base/files.ts";

/** `a.zip.0123abcd.archive.tmp`: no other program's. */
const TEMPORARY = /\.[0-9a-f]{8}\.archive\.tmp$/;

/** A locked file that becomes the archive when all is written; disposing of it before leaves nothing. */
export class Draft implements AsyncDisposable {
  readonly #file: Deno.FsFile;
  readonly #path: string;
  readonly #to: string;

  private constructor(file: Deno.FsFile, { path, to }: { readonly path: string; readonly to: string }) {
    [this.#file, this.#path, this.#to] = [file, path, to];
  }

  /** Starts an archive, and removes what killed ones have left in the folder. */
  static async create(to: string): Promise<Draft> {
    await removeRemains(dirname(to));
    for (;;) {
      const path = `${to}.${crypto.randomUUID().slice(0, 8)}.archive.tmp`;
      const file = await Deno.open(path, { read: true, write: true, createNew: true }).catch(refusal(to));
      // Before it was locked, another archive may have taken it for a remainder.
      if (await isLocked(file) && await exists(path)) return new Draft(file, { path, to });
      file.close();
    }
  }

  /** Takes the bytes; the file stays open, as its lock ends with it. */
  writable(): WritableStream<Uint8Array<ArrayBuffer>> {
    return new WritableStream({
      write: (bytes) => writeAll(this.#file, bytes).catch(refusal(this.#to)),
    });
  }

  /** Puts it in its place, in one step. */
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

/** A disk that knows no locks takes the archive all the same. */
async function isLocked(file: Deno.FsFile): Promise<boolean> {
  return await file.tryLock(true).catch(() => true);
}

/** Files of our name alone, which nobody holds. */
async function removeRemains(folder: string): Promise<void> {
  for (const name of namesIn(folder).filter((name) => TEMPORARY.test(name))) {
    const path = join(folder, name);
    try {
      if (!(await Deno.lstat(path)).isFile) continue;
      using file = await Deno.open(path, { read: true, write: true });
      if (await file.tryLock(true)) await Deno.remove(path);
    } catch {
      // Another user's, or removed meanwhile: it is in nobody's way.
    }
  }
}
