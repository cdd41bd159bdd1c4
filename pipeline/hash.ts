/**
 * Digests of files, and a memory of them so that a run with nothing to do reads no data.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { readJsonIfAny, writeAtomically } from "./files.ts";
import type { Digest } from "./types.ts";

/** Reads and hashes a whole file, in pieces. */
export async function hashFile(path: string): Promise<Digest> {
  const hash = createHash("sha256");
  using file = await Deno.open(path, { read: true });
  const buffer = new Uint8Array(1 << 20);
  for (let n = await file.read(buffer); n !== null; n = await file.read(buffer)) {
    hash.update(buffer.subarray(0, n));
  }
  return hash.digest("hex") as Digest;
}

/**
 * What changes whenever a file does, short of a deliberate forgery: size, times in nanoseconds and inode, as one
 * text. Undefined where there is no file.
 */
export async function stampOf(path: string): Promise<string | undefined> {
  try {
    const { size, mtimeNs, ctimeNs, ino } = await stat(path, { bigint: true });
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
  #changed = false;

  private constructor(path: string, known: Map<string, Remembered>) {
    this.#path = path;
    this.#known = known;
  }

  static async open(path: string): Promise<FileDigests> {
    const saved = await readJsonIfAny<Record<string, Remembered>>(path);
    return new FileDigests(path, new Map(Object.entries(saved ?? {})));
  }

  /** The digest, from memory where the stamp is the same; undefined where there is no file. */
  async remembered(path: string): Promise<Digest | undefined> {
    const stamp = await stampOf(path);
    const known = this.#known.get(path);
    if (stamp !== undefined && known?.stamp === stamp) return known.digest;
    return await this.rehashed(path);
  }

  /** The digest of the bytes that are there now; undefined where there is no file. */
  async rehashed(path: string): Promise<Digest | undefined> {
    const before = await stampOf(path);
    if (before === undefined) return this.#forget(path);
    const digest = await hashFile(path);
    if (await stampOf(path) === before) this.remember(path, before, digest);
    return digest;
  }

  remember(path: string, stamp: string, digest: Digest): void {
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
    await writeAtomically(this.#path, JSON.stringify(Object.fromEntries(this.#known)));
    this.#changed = false;
  }

  /** Forgets the files that are gone. */
  prune(): void {
    for (const path of this.#known.keys()) if (!existsSync(path)) this.#forget(path);
  }
}
