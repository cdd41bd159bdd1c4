/**
 * Unpacks the wanted files of a gzipped tar archive as its bytes arrive.
 *
 * @module
 */
import { createTarDecoder } from "modern-tar";

/** Writes the wanted files into a folder, without the archive's own folders; other entries are passed over. */
export async function unpack(
  archive: ReadableStream<Uint8Array>,
  options: {
    /** Existing folder. */
    readonly into: string;
    readonly wanted: ReadonlySet<string>;
    /** Called with the number of compressed bytes of every chunk as it arrives. */
    readonly onBytes: (bytes: number) => void;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { into, wanted, onBytes, signal } = options;
  const counter = new TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      onBytes(chunk.byteLength);
      controller.enqueue(new Uint8Array(chunk));
    },
  });
  const entries = archive
    .pipeThrough(counter, { signal })
    .pipeThrough(new DecompressionStream("gzip"))
    .pipeThrough(createTarDecoder());
  for await (const { header, body } of entries) {
    const name = header.name.split("/").pop()!;
    // An entry that is not read to its end holds up the next.
    if (header.type !== "file" || !wanted.has(name)) await body.pipeTo(new WritableStream());
    else await body.pipeTo((await Deno.create(`${into}/${name}`)).writable);
  }
}
