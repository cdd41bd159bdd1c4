/**
 * Values as bytes that do not depend on who wrote them: RFC 8785 JSON (sorted keys, one way to write a number), and
 * its SHA-256.
 *
 * @module
 */
import { createHash } from "node:crypto";
import canonicalize from "canonicalize";

/** Hex SHA-256. */
export type Digest = string & { readonly __digest: unique symbol };

/** A JSON value. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** A point of the axes a task was expanded over, in the stage's order: `{ model: "cnn", seed: 0 }`. */
export type Point = Readonly<Record<string, string | number>>;

/** RFC 8785 text of a JSON value. Throws a TypeError or Error on what JSON cannot hold (NaN, Infinity, functions). */
export function canonical(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError(`Cannot write ${typeof value} as JSON`);
  return text;
}

/** Hex SHA-256 of bytes or UTF-8 text. */
export function sha256(data: string | Uint8Array): Digest {
  return createHash("sha256").update(data).digest("hex") as Digest;
}

/** Digest of a JSON value: the same for every order of its keys. */
export function digestOf(value: unknown): Digest {
  return sha256(canonical(value));
}
