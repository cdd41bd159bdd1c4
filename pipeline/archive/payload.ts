/**
 * Files to be packed: the source, size and checksums of each.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { Digest } from "../stage.ts";

/** A file to pack. */
export interface PayloadFile {
  /** `/`-separated, below `data/`. */
  readonly name: string;
  readonly bytes: number;
  readonly sha256: Digest;
  readonly crc: number;
  readonly open: () => Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
}

/** Checksums and size of a file, computed piece by piece. */
export class Sums {
  readonly #hash = createHash("sha256");
  #crc = 0;
  #bytes = 0;

  add(piece: Uint8Array): void {
    this.#hash.update(piece);
    this.#crc = crc32(piece, this.#crc);
    this.#bytes += piece.length;
  }

  /** Must be called once, at the end. */
  finish(): Pick<PayloadFile, "bytes" | "sha256" | "crc"> {
    return { bytes: this.#bytes, sha256: this.#hash.digest("hex") as Digest, crc: this.#crc };
  }
}

/** A file on the disk; its checksums are computed now, its bytes are read again when it is packed. */
export async function fileFrom(path: string, name: string): Promise<PayloadFile> {
  // Opening a named pipe would wait for a writer.
  if (!(await Deno.stat(path)).isFile) throw new Error(`Cannot pack ${path}: it is no plain file`);
  const sums = new Sums();
  using file = await Deno.open(path, { read: true });
  const buffer = new Uint8Array(1 << 20);
  for (let n = await file.read(buffer); n !== null; n = await file.read(buffer)) {
    sums.add(buffer.subarray(0, n));
  }
  const found = sums.finish();
  return { name, ...found, open: async () => unchanged(path, found, (await Deno.open(path)).readable) };
}

/** A file made in memory. */
export function fileOf(content: string | Uint8Array<ArrayBuffer>, name: string): PayloadFile {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const sums = new Sums();
  sums.add(bytes);
  return { name, ...sums.finish(), open: () => Promise.resolve(new Blob([bytes]).stream()) };
}

/** Passes bytes through, and fails where they differ from the hashed ones. */
function unchanged(
  path: string,
  { sha256 }: Pick<PayloadFile, "sha256">,
  bytes: ReadableStream<Uint8Array<ArrayBuffer>>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const sums = new Sums();
  return bytes.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform: (piece, controller) => {
        sums.add(piece);
        controller.enqueue(piece);
      },
      flush: () => {
        if (sums.finish().sha256 === sha256) return;
        throw new Error(`Cannot pack ${path}: it changed meanwhile, run the same command again`);
      },
    }),
  );
}
