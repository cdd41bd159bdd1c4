/**
 * Unpacks the wanted files of a tar archive, gzipped or not, as its bytes arrive.
 *
 * @module
 */
import { createTarDecoder, type ParsedTarEntry } from "modern-tar";
import { Duplex } from "node:stream";
import { createGunzip } from "node:zlib";
import { HEAD_BYTES, kindOf } from "../../formats/file_kinds.ts";

type Bytes = ReadableStream<Uint8Array<ArrayBuffer>>;

export interface Unpacking {
  /** Existing folder. */
  readonly into: string;
  readonly wanted: ReadonlySet<string>;
  /** Called with the number of bytes of every chunk as it arrives. */
  readonly onBytes: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/** Bytes of one file, and of all together, beyond which it is no data set but a bomb; the official ones are 31 MB each. */
const LARGEST_FILE = 2 ** 28;
const LARGEST_ARCHIVE = 2 ** 32;
/** Names of entries that are kept to say what an archive holds. */
const NAMES = 1000;

/**
 * Writes the wanted files into a folder, without the archive's own folders; other entries are passed over. Returns the
 * names of the entries without their folders, of the first thousand.
 */
export async function unpack(
  archive: ReadableStream<Uint8Array>,
  options: Unpacking,
): Promise<readonly string[]> {
  const { onBytes, signal } = options;
  let packed = 0;
  const counted = archive.pipeThrough(
    counter((bytes) => onBytes((packed += bytes, bytes))),
    { signal },
  );
  try {
    return await writeEntries(await tarOf(counted), options);
  } catch (error) {
    const { code } = error as { readonly code?: string };
    if (code === "Z_BUF_ERROR") throw new Error(`it is cut short, it ends after ${packed} bytes`);
    if (code === "Z_DATA_ERROR") throw new Error(`its gzip data is damaged (${(error as Error).message})`);
    throw error;
  }
}

/** Content of a gzip file of one or more members, or the archive itself. Throws where neither is a tar file. */
async function tarOf(archive: Bytes): Promise<Bytes> {
  const outer = await peek(archive);
  const inner = outer.kind === "a gzip file"
    ? await peek(outer.bytes.pipeThrough(Duplex.toWeb(createGunzip()) as TransformStream))
    : outer;
  if (inner.kind === "a tar file") return inner.bytes;
  await inner.bytes.cancel();
  const found = `it is ${inner.kind ?? "of an unknown kind"}`;
  throw new Error(
    `${found}${inner === outer ? "" : ", gzipped"}, expected a tar or tar.gz archive`,
  );
}

/** The first bytes of a stream, and the whole of it. */
async function peek(stream: Bytes): Promise<{ readonly kind: string | undefined; readonly bytes: Bytes }> {
  const reader = stream.getReader();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for (let length = 0; length < HEAD_BYTES;) {
    const { value, done } = await reader.read();
    if (done) break;
    length += chunks[chunks.push(value) - 1].length;
  }
  reader.releaseLock();
  const whole = ReadableStream.from((async function* () {
    yield* chunks;
    yield* stream;
  })());
  return {
    kind: kindOf(Uint8Array.from(chunks.flatMap((chunk) => [...chunk.subarray(0, HEAD_BYTES)]))),
    bytes: whole,
  };
}

async function writeEntries(tar: Bytes, { into, wanted }: Unpacking): Promise<readonly string[]> {
  let unpacked = 0;
  const bounded = counter((bytes) => {
    unpacked += bytes;
    if (unpacked > LARGEST_ARCHIVE) throw new Error(`it unpacks to more than ${LARGEST_ARCHIVE} bytes`);
  });
  const names: string[] = [];
  for await (const entry of tar.pipeThrough(bounded).pipeThrough(createTarDecoder())) {
    const name = entry.header.name.split("/").filter((part) => part !== "").pop() ?? "";
    if (names.length < NAMES) names.push(name);
    // An entry that is not read to its end holds up the next.
    if (!wanted.has(name) || entry.header.type === "directory") await entry.body.pipeTo(new WritableStream());
    else await writeEntry(entry, { name, path: `${into}/${name}` });
  }
  return names;
}

async function writeEntry(
  { header: { type, size, linkname }, body }: ParsedTarEntry,
  { name, path }: { readonly name: string; readonly path: string },
): Promise<void> {
  if (type !== "file") {
    throw new Error(
      `it holds ${name} as a ${type}${linkname ? ` to ${JSON.stringify(linkname)}` : ""}, expected a file: ` +
        "unpack it and pass the folder",
    );
  }
  if (size > LARGEST_FILE) {
    throw new Error(`its ${name} has ${size} bytes, expected at most ${LARGEST_FILE}`);
  }
  await body.pipeTo((await Deno.create(path)).writable);
  const { size: written } = await Deno.stat(path);
  if (written < size) throw new Error(`it is cut short, its ${name} has ${written} of ${size} bytes`);
}

function counter(onBytes: (bytes: number) => void): TransformStream<Uint8Array, Uint8Array<ArrayBuffer>> {
  return new TransformStream({
    transform(chunk, controller) {
      onBytes(chunk.byteLength);
      controller.enqueue(new Uint8Array(chunk));
    },
  });
}
