/**
 * NumPy's array file, version 1.0, C order, little-endian: a text header and the raw numbers. NumPy, Julia, R
 * and most other tools read it. Source: NumPy Enhancement Proposal 1.
 *
 * Every platform that Deno runs on is little-endian, so typed arrays are written as they are in memory.
 *
 * @module
 */
import { fill, writeAll } from "./bytes.ts";

/** Element types by their NumPy names. */
export interface NpyTypes {
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  readonly int32: Int32Array;
  readonly uint8: Uint8Array;
}

export type NpyType = keyof NpyTypes;

/** An array in C order: the last axis varies fastest. */
export interface Npy<T extends NpyType = NpyType> {
  readonly shape: readonly number[];
  readonly data: NpyTypes[T];
}

interface Header {
  readonly type: NpyType;
  readonly shape: readonly number[];
  /** Bytes from the file's start to the first number. */
  readonly offset: number;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY
const PREFIX = 10; // magic, version, header length; bytes
const ALIGNMENT = 64;

const DESCRIPTIONS: Readonly<Record<NpyType, string>> = {
  float32: "<f4",
  float64: "<f8",
  int32: "<i4",
  uint8: "|u1",
};

const CONSTRUCTORS = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint8: Uint8Array,
} as const;

/** Writes an array; throws a RangeError if its shape does not fit its numbers. */
export async function writeNpy(path: string, array: Npy): Promise<void> {
  using writer = await createNpy(path, { type: typeOf(array.data), shape: array.shape });
  await writer.append(array.data);
  writer.finish();
}

/**
 * Reads a whole array. With `type`, an array of another type is an error.
 *
 * @example
 * ```ts
 * import { readNpy, writeNpy } from "./npy.ts";
 * const path = await Deno.makeTempFile();
 * await writeNpy(path, { shape: [2, 2], data: new Float32Array([1, 2, 3, 4]) });
 * const { shape, data } = await readNpy(path, "float32"); // data is a Float32Array
 * ```
 */
export async function readNpy<T extends NpyType = NpyType>(path: string, type?: T): Promise<Npy<T>> {
  using file = await Deno.open(path);
  const header = await readHeader(file, { path, type });
  const data = new CONSTRUCTORS[header.type](product(header.shape));
  await file.seek(header.offset, Deno.SeekMode.Start);
  if (await fill(file, new Uint8Array(data.buffer)) < data.byteLength) {
    throw malformed(path, "it ends within its numbers");
  }
  return { shape: header.shape, data: data as NpyTypes[T] };
}

/** Writer of an array too large for memory, part by part. */
export interface NpyWriter extends Disposable {
  /** Adds the next numbers in C order. */
  append(data: NpyTypes[NpyType]): Promise<void>;
  /** Checks that all numbers were written; call it before disposal. */
  finish(): void;
}

/** Starts an array file of a known shape. */
export async function createNpy(
  path: string,
  array: { readonly type: NpyType; readonly shape: readonly number[] },
): Promise<NpyWriter> {
  const file = await Deno.create(path);
  const total = product(array.shape);
  let written = 0;
  await writeAll(file, formatHeader(array.type, array.shape));
  return {
    async append(data) {
      if (typeOf(data) !== array.type) {
        throw new TypeError(`Cannot write ${path}: got ${typeOf(data)}, expected ${array.type}`);
      }
      written += data.length;
      await writeAll(file, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    },
    finish() {
      if (written === total) return;
      throw new RangeError(
        `Cannot write ${path}: got ${written} numbers, its shape ${show(array.shape)} holds ${total}`,
      );
    },
    [Symbol.dispose]: () => file.close(),
  };
}

function formatHeader(type: NpyType, shape: readonly number[]): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '${DESCRIPTIONS[type]}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const length = Math.ceil((PREFIX + text.length + 1) / ALIGNMENT) * ALIGNMENT - PREFIX;
  const header = new TextEncoder().encode(text.padEnd(length - 1) + "\n");
  return new Uint8Array([...MAGIC, 1, 0, length & 0xff, length >> 8, ...header]);
}

async function readHeader(
  file: Deno.FsFile,
  { path, type }: { readonly path: string; readonly type?: NpyType },
): Promise<Header> {
  const prefix = await readBytes(file, PREFIX);
  if (prefix.length < PREFIX || MAGIC.some((byte, i) => prefix[i] !== byte)) {
    throw malformed(path, "it does not start as a NumPy file does");
  }
  if (prefix[6] !== 1 || prefix[7] !== 0) {
    throw malformed(path, `its format version is ${prefix[6]}.${prefix[7]}, expected 1.0`);
  }
  const length = prefix[8] | (prefix[9] << 8);
  const text = new TextDecoder("latin1").decode(await readBytes(file, length));
  if (text.length < length) throw malformed(path, "it ends within its header");
  const header = { ...parseHeader(path, text), offset: PREFIX + length };
  if (type !== undefined && header.type !== type) {
    throw malformed(path, `its type is ${header.type}, expected ${type}`);
  }
  await checkSize(file, { path, header });
  return header;
}

/** Fields of the header, a dictionary of exactly these three, in any order; any other header is refused. */
const FIELDS = {
  descr: String.raw`'descr' *: *'([^']*)'`,
  order: String.raw`'fortran_order' *: *(True|False)`,
  shape: String.raw`'shape' *: *\(([\d, ]*)\)`,
};
const FIELD = `(?:${Object.values(FIELDS).join("|")})`;
const DICTIONARY = new RegExp(`^\\{ *${FIELD} *, *${FIELD} *, *${FIELD}(?: *,)? *\\} *\\n?$`);

function parseHeader(path: string, text: string): Omit<Header, "offset"> {
  const [descr, order, shape] = Object.values(FIELDS).map((field) => new RegExp(field).exec(text)?.[1]);
  if (!DICTIONARY.test(text) || descr === undefined || order === undefined || shape === undefined) {
    const found = JSON.stringify(text.trim().slice(0, 100));
    throw malformed(path, `its header is ${found}, expected descr, fortran_order and shape`);
  }
  const type = (Object.keys(DESCRIPTIONS) as NpyType[]).find((t) => DESCRIPTIONS[t] === descr);
  if (type === undefined) {
    const known = Object.values(DESCRIPTIONS).join(", ");
    throw malformed(path, `its type is ${descr}, expected one of ${known}`);
  }
  if (order !== "False") throw malformed(path, "it is not in C order");
  return { type, shape: parseShape(path, shape) };
}

/** Parses a shape; `(3)` is a number in Python and not a tuple. */
function parseShape(path: string, tuple: string): readonly number[] {
  const parts = tuple.split(",").map((part) => part.trim());
  if (parts.at(-1) === "") parts.pop();
  const isTuple = parts.length !== 1 || tuple.includes(",");
  if (isTuple && parts.every((part) => /^(0|[1-9]\d*)$/.test(part) && Number.isSafeInteger(Number(part)))) {
    return parts.map(Number);
  }
  throw malformed(path, `its shape is (${tuple.trim().slice(0, 100)}), expected a tuple of whole numbers`);
}

async function checkSize(
  file: Deno.FsFile,
  { path, header }: { readonly path: string; readonly header: Header },
): Promise<void> {
  const expected = header.offset + product(header.shape) * CONSTRUCTORS[header.type].BYTES_PER_ELEMENT;
  const { size } = await file.stat();
  if (size === expected) return;
  const array = `${header.type} ${show(header.shape)}`;
  throw malformed(path, `it has ${size} bytes, expected ${expected} for ${array}`);
}

async function readBytes(file: Deno.FsFile, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  return bytes.subarray(0, await fill(file, bytes));
}

function typeOf(data: NpyTypes[NpyType]): NpyType {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Float64Array) return "float64";
  return data instanceof Int32Array ? "int32" : "uint8";
}

function product(shape: readonly number[]): number {
  return shape.reduce((size, axis) => size * axis, 1);
}

function show(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

function malformed(path: string, found: string): Error {
  return new Error(`Cannot read array ${path}: ${found}, make the file anew`);
}
