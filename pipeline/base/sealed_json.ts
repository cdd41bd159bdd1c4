/**
 * JSON files that detect damage to themselves, down to a single flipped bit.
 *
 * A record (`artifact.json`, `run.json`) has a field `seal`: the SHA-256 of its other fields as RFC 8785
 * JSON. A cache (below `artifacts/.cache/`) is read at every start, so its seal is that of the text: no
 * second pass over the values.
 *
 * @module
 */
import { dirname } from "node:path";
import { digestOf, sha256 } from "./json.ts";
import { UnreadableError } from "./errors.ts";
import { lstatIfAny, readTextIfAny, writeAtomically } from "./files.ts";
import type { Digest } from "./json.ts";

/** The result of reading a file. */
export type Read<T> =
  | { readonly type: "missing" }
  /** `problem` says in words why the file cannot be read at all. */
  | { readonly type: "damaged"; readonly problem?: string }
  | { readonly type: "sound"; readonly value: T };

export function sealed<T extends object>(record: T): T & { readonly seal: Digest } {
  return { ...record, seal: digestOf(record) };
}

/** True where a record is unchanged. Values that RFC 8785 cannot write (1e400) were never sealed. */
export function isSealed({ seal, ...rest }: { readonly seal?: unknown }): boolean {
  try {
    return seal === digestOf(rest);
  } catch {
    return false;
  }
}

export async function readRecord<T extends object>(path: string): Promise<Read<T>> {
  return await readAs<T>(path, (text) => {
    const value = parsed(text);
    if (typeof value !== "object" || value === null) return { type: "damaged" };
    return isSealed(value) ? { type: "sound", value: value as T } : { type: "damaged" };
  });
}

/** Reads a file and judges its text; a file that cannot be read is damaged, with the reason. */
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

/** Reads a cache. */
export async function readMemory<T>(path: string): Promise<Read<T>> {
  return await readAs<T>(path, (text) => {
    const head = text.match(HEAD);
    const body = text.slice(head?.[0].length ?? 0, -1);
    if (head === null || sha256(body) !== head[1]) return { type: "damaged" };
    return { type: "sound", value: JSON.parse(body) as T };
  });
}

/** Writes a cache where that is possible: losing one costs time, never correctness. */
export async function writeMemory(path: string, value: unknown): Promise<void> {
  const body = JSON.stringify(value);
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
    // A link's target is not the engine's: a run refuses it, and a command that only looks writes nothing.
    if (!(await lstatIfAny(dirname(path)))?.isDirectory) return;
    await writeAtomically(path, `{"seal":"${sha256(body)}","value":\n${body}}`);
  } catch {
    // A full or read-only store is reported where something must be kept.
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
