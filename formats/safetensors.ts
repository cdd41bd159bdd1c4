/**
 * Safetensors, Hugging Face's file of named tensors: an 8-byte header length, a JSON header and the raw
 * little-endian numbers; it contains no code. PyTorch, JAX and NumPy read it.
 *
 * Tensors are laid out by element size, largest first, then by name, as in the reference implementation.
 * Every tensor is therefore aligned, and the same tensors give the same bytes in any order of input.
 *
 * @module
 */

/** Element types by their names in the format. */
export interface TensorTypes {
  readonly F32: Float32Array;
  readonly I32: Int32Array;
  readonly U8: Uint8Array;
}

export type TensorType = keyof TensorTypes;

/** A tensor in row-major order. */
export interface SafeTensor<T extends TensorType = TensorType> {
  readonly shape: readonly number[];
  readonly data: TensorTypes[T];
}

export interface Safetensors<T extends TensorType = TensorType> {
  readonly tensors: Readonly<Record<string, SafeTensor<T>>>;
  readonly metadata: Readonly<Record<string, string>>;
}

interface Entry {
  readonly dtype: TensorType;
  readonly shape: readonly number[];
  /** Start and end in bytes, from the end of the header. */
  readonly data_offsets: readonly [number, number];
}

const LENGTH_BYTES = 8;
const ALIGNMENT = 8;
/** Limit of the reference implementation, bytes. */
const MAX_HEADER = 100_000_000;

const CONSTRUCTORS = { F32: Float32Array, I32: Int32Array, U8: Uint8Array } as const;

/** Writes named tensors; throws a RangeError if a shape does not fit its numbers. */
export async function writeSafetensors(
  path: string,
  tensors: Readonly<Record<string, SafeTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  await Deno.writeFile(path, encodeSafetensors({ tensors, metadata }));
}

/**
 * Reads named tensors. Types not in `types` are an error, so that the caller knows the types of its arrays.
 *
 * @example
 * ```ts
 * import { readSafetensors, writeSafetensors } from "./safetensors.ts";
 * const path = await Deno.makeTempFile();
 * await writeSafetensors(path, { "head.bias": { shape: [2], data: new Float32Array([1, 2]) } });
 * const { tensors } = await readSafetensors(path);
 * tensors["head.bias"].data; // a Float32Array
 * ```
 */
export async function readSafetensors<T extends TensorType = "F32">(
  path: string,
  options: { /** @default ["F32"] */ readonly types?: readonly T[] } = {},
): Promise<Safetensors<T>> {
  return decodeSafetensors<T>(await Deno.readFile(path), { path, ...options });
}

/** Bytes of the file that {@linkcode writeSafetensors} writes. */
export function encodeSafetensors({ tensors, metadata }: Safetensors): Uint8Array<ArrayBuffer> {
  const names = Object.keys(tensors).sort((a, b) => compare(tensors, [a, b]));
  const header: Record<string, unknown> = Object.create(null); // a tensor may be called `__proto__`
  if (Object.keys(metadata).length > 0) header.__metadata__ = sorted(metadata);
  let size = 0;
  for (const name of names) {
    const entry = describe(name, { tensor: tensors[name], from: size });
    header[name] = entry;
    size = entry.data_offsets[1];
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const start = Math.ceil((LENGTH_BYTES + json.length) / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(start + size).fill(0x20, LENGTH_BYTES, start);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - LENGTH_BYTES), true);
  bytes.set(json, LENGTH_BYTES);
  for (const name of names) {
    bytes.set(bytesOf(tensors[name].data), start + (header[name] as Entry).data_offsets[0]);
  }
  return bytes;
}

/** Parses the bytes of a file; `path` names it in errors. */
export function decodeSafetensors<T extends TensorType = "F32">(
  bytes: Uint8Array,
  options: { readonly path: string; /** @default ["F32"] */ readonly types?: readonly T[] },
): Safetensors<T> {
  const { path, types = ["F32"] as unknown as readonly T[] } = options;
  const { header, start } = parseHeader(bytes, path);
  const { __metadata__: metadata = {}, ...entries } = header;
  checkMetadata(metadata, path);
  const tensors: [string, SafeTensor<T>][] = [];
  const layout = Object.entries(entries) as [string, Entry][];
  let end = 0;
  for (
    const [name, entry] of layout.sort(([, a], [, b]) =>
      offset(a, 0) - offset(b, 0) || offset(a, 1) - offset(b, 1)
    )
  ) {
    checkEntry(entry, { path, name, from: end, types });
    const [from, to] = entry.data_offsets;
    if (start + to > bytes.length) throw malformed(path, `it ends within tensor "${name}"`);
    const data = bytes.slice(start + from, start + to).buffer;
    const tensor = { shape: entry.shape, data: new CONSTRUCTORS[entry.dtype](data) as TensorTypes[T] };
    tensors.push([name, tensor]);
    end = to;
  }
  if (start + end !== bytes.length) {
    throw malformed(path, `it has ${bytes.length} bytes, expected ${start + end}`);
  }
  // Built from entries: a tensor may be called `__proto__`.
  return { tensors: Object.fromEntries(tensors), metadata: metadata as Record<string, string> };
}

/** Byte offset of an entry; an empty tensor starts where the next one does. */
function offset(entry: Entry | null, end: 0 | 1): number {
  const place: unknown = entry?.data_offsets?.[end];
  return typeof place === "number" ? place : 0;
}

function checkMetadata(metadata: unknown, path: string): void {
  const isText = typeof metadata === "object" && metadata !== null && !Array.isArray(metadata) &&
    Object.values(metadata).every((value) => typeof value === "string");
  if (!isText) throw malformed(path, "its metadata is no map from text to text");
}

function parseHeader(bytes: Uint8Array, path: string): { header: Record<string, unknown>; start: number } {
  if (bytes.length < LENGTH_BYTES) throw malformed(path, `it has only ${bytes.length} bytes`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const start = LENGTH_BYTES + length;
  if (length > MAX_HEADER || start > bytes.length) {
    throw malformed(path, `its header would have ${length} bytes, the file has ${bytes.length}`);
  }
  try {
    const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    const header = JSON.parse(utf8.decode(bytes.subarray(LENGTH_BYTES, start)));
    if (typeof header !== "object" || header === null || Array.isArray(header)) throw new Error("no object");
    return { header, start };
  } catch (cause) {
    throw malformed(path, "its header is no JSON object", cause);
  }
}

function checkEntry(
  entry: Entry | null,
  expected: {
    readonly path: string;
    readonly name: string;
    readonly from: number;
    readonly types: readonly string[];
  },
): asserts entry is Entry {
  const { path, name, from, types } = expected;
  if (typeof entry !== "object" || entry === null) {
    throw malformed(path, `tensor "${name}" is ${JSON.stringify(entry)}, expected an object`);
  }
  if (!types.includes(entry.dtype)) {
    throw malformed(path, `tensor "${name}" is ${entry.dtype}, expected ${types.join(" or ")}`);
  }
  if (!Array.isArray(entry.shape) || !entry.shape.every((axis) => Number.isSafeInteger(axis) && axis >= 0)) {
    throw malformed(path, `tensor "${name}" has no valid shape`);
  }
  const to = from + product(entry.shape) * CONSTRUCTORS[entry.dtype].BYTES_PER_ELEMENT;
  const offsets: unknown = entry.data_offsets;
  if (!Array.isArray(offsets) || offsets.length !== 2 || offsets[0] !== from || offsets[1] !== to) {
    const found = JSON.stringify(offsets);
    throw malformed(path, `tensor "${name}" lies at ${found}, its shape wants [${from},${to}]`);
  }
}

function describe(name: string, place: { readonly tensor: SafeTensor; readonly from: number }): Entry {
  const { shape, data } = place.tensor;
  if (product(shape) !== data.length) {
    throw new RangeError(
      `Cannot write tensor "${name}": got ${data.length} numbers, its shape [${shape.join(", ")}] holds ` +
        product(shape),
    );
  }
  return { dtype: typeOf(data), shape, data_offsets: [place.from, place.from + data.byteLength] };
}

function compare(tensors: Readonly<Record<string, SafeTensor>>, [a, b]: readonly [string, string]): number {
  const bySize = tensors[b].data.BYTES_PER_ELEMENT - tensors[a].data.BYTES_PER_ELEMENT;
  return bySize !== 0 ? bySize : a < b ? -1 : 1;
}

function sorted(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => a < b ? -1 : 1));
}

function typeOf(data: TensorTypes[TensorType]): TensorType {
  return data instanceof Float32Array ? "F32" : data instanceof Int32Array ? "I32" : "U8";
}

function bytesOf(data: TensorTypes[TensorType]): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function product(shape: readonly number[]): number {
  return shape.reduce((size, axis) => size * axis, 1);
}

function malformed(path: string, found: string, cause?: unknown): Error {
  return new Error(`Cannot read tensors ${path}: ${found}, make the file anew`, { cause });
}
