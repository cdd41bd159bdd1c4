/**
 * A checkpoint file, from which a run can resume: numbers of any size, written so that an incomplete file is
 * never accepted.
 *
 * Layout: 8 bytes magic, header length (uint64, little-endian), a JSON header, the arrays one after another,
 * and the SHA-256 of everything before it. It is private to the run that wrote it; lasting results are in
 * safetensors.
 *
 * @module
 */
import { createHash, type Hash } from "node:crypto";
import { fill, writeAll } from "../../formats/bytes.ts";

/** Contents of the file. */
export interface Checkpoint {
  readonly step: number;
  readonly arrays: Readonly<Record<string, Float32Array | Float64Array>>;
}

/** The outcome of reading a checkpoint; `found` says what is wrong with a damaged file. */
export type Loaded =
  | { readonly type: "loaded"; readonly checkpoint: Checkpoint }
  | { readonly type: "missing" }
  | { readonly type: "damaged"; readonly found: string };

interface Header {
  readonly step: number;
  readonly arrays: readonly { readonly name: string; readonly type: "f4" | "f8"; readonly length: number }[];
}

const MAGIC = new TextEncoder().encode("TREENET1");
const DIGEST_BYTES = 32;

/** Writes beside `path`, flushes, then renames: at any moment `path` is a whole checkpoint, the old or the new. */
export async function saveCheckpoint(path: string, { step, arrays }: Checkpoint): Promise<void> {
  const temporary = `${path}.new`;
  const entries = Object.entries(arrays);
  const header: Header = {
    step,
    arrays: entries.map(([name, values]) => ({
      name,
      type: values instanceof Float32Array ? "f4" : "f8",
      length: values.length,
    })),
  };
  {
    using file = await Deno.create(temporary);
    const hash = createHash("sha256");
    const json = new TextEncoder().encode(JSON.stringify(header));
    const length = new BigUint64Array([BigInt(json.length)]);
    for (const part of [MAGIC, bytesOf(length), json, ...entries.map(([, values]) => bytesOf(values))]) {
      hash.update(part);
      await writeAll(file, part);
    }
    await writeAll(file, hash.digest());
    await file.sync();
  }
  await Deno.rename(temporary, path);
}

/** Reads what {@linkcode saveCheckpoint} wrote, and checks its digest. */
export async function loadCheckpoint(path: string): Promise<Loaded> {
  try {
    using file = await Deno.open(path);
    return { type: "loaded", checkpoint: await parse(file) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { type: "missing" };
    if (error instanceof Damage) return { type: "damaged", found: error.message };
    throw error;
  }
}

class Damage extends Error {}

async function parse(file: Deno.FsFile): Promise<Checkpoint> {
  const hash = createHash("sha256");
  const { size } = await file.stat();
  const magic = await read(file, new Uint8Array(MAGIC.length), hash);
  if (magic.some((byte, i) => byte !== MAGIC[i])) throw new Damage("it does not start as a checkpoint does");
  const length = Number(new BigUint64Array((await read(file, new Uint8Array(8), hash)).buffer)[0]);
  if (length > size) throw new Damage("its header is damaged");
  const { step, arrays } = parseHeader(await read(file, new Uint8Array(length), hash), size);
  const values: Record<string, Float32Array | Float64Array> = {};
  for (const { name, type, length } of arrays) {
    values[name] = type === "f4" ? new Float32Array(length) : new Float64Array(length);
    await read(file, bytesOf(values[name]), hash);
  }
  const digest = await read(file, new Uint8Array(DIGEST_BYTES));
  const expected = hash.digest();
  if (digest.some((byte, i) => byte !== expected[i])) throw new Damage("its digest is wrong");
  return { step, arrays: values };
}

/** Parses the header and checks it before memory is taken for the arrays, since the digest comes last. */
function parseHeader(bytes: Uint8Array, fileSize: number): Header {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new Damage("its header is damaged");
  }
  if (!isHeader(header)) throw new Damage("its header is damaged");
  const sizes = header.arrays.map(({ type, length }) => length * (type === "f4" ? 4 : 8));
  const expected = sizes.reduce((sum, size) => sum + size, MAGIC.length + 8 + bytes.length + DIGEST_BYTES);
  if (expected === fileSize) return header;
  throw new Damage(`it has ${fileSize} bytes, expected ${expected}`);
}

function isHeader(value: unknown): value is Header {
  const { step, arrays } = (value ?? {}) as Partial<Header>;
  return isCount(step) && Array.isArray(arrays) &&
    arrays.every((array) =>
      typeof array?.name === "string" && ["f4", "f8"].includes(array.type) && isCount(array.length)
    );
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

async function read<T extends Uint8Array>(file: Deno.FsFile, bytes: T, hash?: Hash): Promise<T> {
  if (await fill(file, bytes) < bytes.length) throw new Damage("it ends too early");
  hash?.update(bytes);
  return bytes;
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
