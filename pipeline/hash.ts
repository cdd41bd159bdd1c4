/**
 * Digests of files, and a memory of them so that a run with nothing to do reads no data.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { UnreadableError } from "./errors.ts";
import { reading } from "./files.ts";
import { readMemory, writeMemory } from "./sealed.ts";
import type { Digest } from "./types.ts";

/** Reads and hashes a whole file, in pieces. Throws an UnreadableError. */
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
 * What changes whenever a file does, short of a deliberate forgery: size, times in nanoseconds and inode, as one
 * text. Undefined where there is no plain file. Hundreds are looked at, which is fastest one by one.
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

/** Digests remembered by a file's stamp. A memory only: losing it costs time, never correctness. */
export class FileDigests {
  readonly #path: string;
  readonly #known: Map<string, Remembered>;
  /** Looked at since it was opened. */
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

  /** The digest, from memory where the stamp is the same; undefined where there is no file that can be read. */
  async remembered(path: string): Promise<Digest | undefined> {
    this.#seen.add(path);
    const stamp = await stampOf(path);
    const known = this.#known.get(path);
    if (stamp !== undefined && known?.stamp === stamp) return known.digest;
    return await this.rehashed(path);
  }

  /** The digest of the bytes that are there now; undefined where there is no file that can be read. */
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

  /** Writes the memory down, if it changed, without the files that are gone. */
  async save(): Promise<void> {
    if (!this.#changed) return;
    this.prune();
    await writeMemory(this.#path, Object.fromEntries(this.#known));
    this.#changed = false;
  }

  /** Forgets the files that are gone. */
  prune(): void {
    for (const path of this.#known.keys()) if (!existsSync(path)) this.#forget(path);
  }
}
