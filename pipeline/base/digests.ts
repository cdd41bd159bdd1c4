/**
 * Digests of files, and a cache of them: a run with nothing to do reads no data.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { UnreadableError } from "./errors.ts";
import { reading } from "./files.ts";
import { readMemory, writeMemory } from "./sealed_json.ts";
import type { Digest } from "./json.ts";

/** Hashes a whole file in pieces. Throws an UnreadableError. */
export async function hashFile(path: string): Promise<Digest> {
  return await reading(path, async () => {
    const hash = createHash("sha256");
    using file = await Deno.open(path, { read: true });
    const buffer = new Uint8Array(1 << 20);
    for (let n = await file.read(buffer); n !== null; n = await file.read(buffer)) {
      hash.update(buffer.subarray(0, n));
    }
    return hash.digest("hex") as Digest;
  });
}

/**
 * A file's size, times in nanoseconds and inode as one text, which changes with every edit short of a
 * deliberate forgery; undefined where there is no plain file. Synchronous calls are fastest for many files.
 */
// deno-lint-ignore require-await
export async function stampOf(path: string): Promise<string | undefined> {
  try {
    const info = statSync(path, { bigint: true });
    if (!info.isFile()) return undefined;
    const { size, mtimeNs, ctimeNs, ino } = info;
    return `${size} ${mtimeNs} ${ctimeNs} ${ino}`;
  } catch {
    return undefined;
  }
}

interface Remembered {
  readonly stamp: string;
  readonly digest: Digest;
}

/** Digests cached by the files' stamps. Losing the cache costs time, never correctness. */
export class FileDigests {
  readonly #path: string;
  readonly #known: Map<string, Remembered>;
  /** Paths asked for since the cache was opened. */
  readonly #seen = new Set<string>();
  #changed = false;

  private constructor(path: string, known: Map<string, Remembered>) {
    this.#path = path;
    this.#known = known;
  }

  static async open(path: string): Promise<FileDigests> {
    const saved = await readMemory<Record<string, Remembered>>(path);
    return new FileDigests(path, new Map(saved.type === "sound" ? Object.entries(saved.value) : []));
  }

  /** The file's digest, from the cache where the stamp is unchanged; undefined where no file can be read. */
  async remembered(path: string): Promise<Digest | undefined> {
    this.#seen.add(path);
    const stamp = await stampOf(path);
    const known = this.#known.get(path);
    if (stamp !== undefined && known?.stamp === stamp) return known.digest;
    return await this.rehashed(path);
  }

  /** The digest of the file's present bytes; undefined where no file can be read. */
  async rehashed(path: string): Promise<Digest | undefined> {
    try {
      const before = await stampOf(path);
      const digest = await hashFile(path);
      if (before !== undefined && await stampOf(path) === before) this.remember(path, before, digest);
      return digest;
    } catch (error) {
      if (error instanceof UnreadableError) return this.#forget(path);
      throw error;
    }
  }

  remember(path: string, stamp: string, digest: Digest): void {
    this.#seen.add(path);
    this.#known.set(path, { stamp, digest });
    this.#changed = true;
  }

  #forget(path: string): undefined {
    this.#changed = this.#known.delete(path) || this.#changed;
  }

  /** Saves the cache if it changed, without files that no longer exist. */
  async save(): Promise<void> {
    if (!this.#changed) return;
    this.prune();
    await writeMemory(this.#path, Object.fromEntries(this.#known));
    this.#changed = false;
  }

  /** Forgets files that no longer exist. */
  prune(): void {
    for (const path of this.#known.keys()) if (!existsSync(path)) this.#forget(path);
  }
}
