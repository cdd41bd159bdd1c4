/**
 * JSON files that notice damage to themselves, down to a single flipped bit.
 *
 * A record (`artifact.json`, `run.json`) is for readers: its field `seal` is the SHA-256 of the rest of it as RFC 8785
 * JSON. A memory (below `artifacts/.cache/`) is read at every start: its seal is that of the text itself, which costs
 * no second pass over the values.
 *
 * @module
 */
import { dirname } from "node:path";
import { digestOf, sha256 } from "./canonical.ts";
import { UnreadableError } from "./errors.ts";
import { lstatIfAny, readTextIfAny, writeAtomically } from "./files.ts";
import type { Digest } from "./types.ts";

/** What a read came to. */
export type Read<T> =
  | { readonly type: "missing" }
  /** `problem` where it cannot be read at all, in words. */
  | { readonly type: "damaged"; readonly problem?: string }
  | { readonly type: "sound"; readonly value: T };

/** A record as it is written. */
export function sealed<T extends object>(record: T): T & { readonly seal: Digest } {
  return { ...record, seal: digestOf(record) };
}

/** Whether a record is as it was written. What RFC 8785 cannot write (1e400, a lone surrogate) was never sealed. */
export function isSealed({ seal, ...rest }: { readonly seal?: unknown }): boolean {
  try {
    return seal === digestOf(rest);
  } catch {
    return false;
  }
}

/** Reads a record. */
export async function readRecord<T extends object>(path: string): Promise<Read<T>> {
  return await readAs<T>(path, (text) => {
    const value = parsed(text);
    if (typeof value !== "object" || value === null) return { type: "damaged" };
    return isSealed(value) ? { type: "sound", value: value as T } : { type: "damaged" };
  });
}

/** What can be read is judged; what lies there and cannot is damaged, and says why. */
async function readAs<T>(path: string, judge: (text: string) => Read<T>): Promise<Read<T>> {
  try {
    const text = await readTextIfAny(path);
    return text === undefined ? { type: "missing" } : judge(text);
  } catch (error) {
    if (error instanceof UnreadableError) return { type: "damaged", problem: error.problem };
    throw error;
  }
}

const HEAD = /^\{"seal":"([0-9a-f]{64})","value":\n/;

/** Reads a memory. */
export async function readMemory<T>(path: string): Promise<Read<T>> {
  return await readAs<T>(path, (text) => {
    const head = text.match(HEAD);
    const body = text.slice(head?.[0].length ?? 0, -1);
    if (head === null || sha256(body) !== head[1]) return { type: "damaged" };
    return { type: "sound", value: JSON.parse(body) as T };
  });
}

/** Writes a memory down where that is possible: it costs time to lose one, never correctness. */
export async function writeMemory(path: string, value: unknown): Promise<void> {
  const body = JSON.stringify(value);
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
    // What a link leads to is not the engine's: a run refuses it, who only looks writes nothing.
    if (!(await lstatIfAny(dirname(path)))?.isDirectory) return;
    await writeAtomically(path, `{"seal":"${sha256(body)}","value":\n${body}}`);
  } catch {
    // A store that is full or may only be read is reported where something has to be kept.
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
