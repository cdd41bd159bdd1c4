/**
 * Wheels are zip files with a list of digests. A few files are streamed, unpacked and checked against it.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { configure, type FileEntry, Reader, ZipReader } from "@zip.js/zip.js";
import { fill } from "../../../../formats/bytes.ts";

configure({ useWebWorkers: false });

/** Unpacks the wanted files of a wheel below a folder; returns the text of the file `read`. */
export async function unpackWheel(
  path: string,
  { to, wanted, read }: {
    readonly to: string;
    readonly wanted: (name: string) => boolean;
    /** End of the path of the file whose text is returned. */
    readonly read: string;
  },
): Promise<string> {
  try {
    return await unpackAll(path, { to, wanted, read });
  } catch (cause) {
    if (cause instanceof UnpackError) throw cause;
    const found = (cause instanceof Error ? cause.message : String(cause)).trim().replace(/\.$/, "");
    throw new UnpackError(
      `Cannot unpack ${path}: ${found}, see that there is room in ${to} and fetch the wheel again`,
      { cause },
    );
  }
}

/** Error that already says what is wrong with the wheel. */
class UnpackError extends Error {}

async function unpackAll(
  path: string,
  { to, wanted, read }: Parameters<typeof unpackWheel>[1],
): Promise<string> {
  using file = await Deno.open(path);
  const zip = new ZipReader(new FileReader(file));
  const entries = (await zip.getEntries()).filter((entry) => !entry.directory) as FileEntry[];
  const digests = recordedDigests(await textOf(entries, { ending: ".dist-info/RECORD", path }));
  for (const entry of entries.filter(({ filename }) => wanted(filename))) {
    const digest = await unpack(entry, join(to, safe(entry.filename)));
    if (digest === digests.get(entry.filename)) continue;
    throw new UnpackError(
      `Cannot unpack ${path}: ${entry.filename} differs from the digest in its RECORD, fetch the wheel again`,
    );
  }
  return await textOf(entries, { ending: read, path });
}

async function unpack(entry: FileEntry, target: string): Promise<string> {
  await Deno.mkdir(dirname(target), { recursive: true });
  const hash = createHash("sha256");
  const hashed = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      hash.update(chunk);
      controller.enqueue(chunk);
    },
  });
  // A wheel's programs, such as ptxas, are marked in the archive; pip keeps the mark, too.
  const mode = entry.executable ? 0o755 : 0o644;
  const file = await Deno.open(target, { write: true, createNew: true, mode });
  // Both are awaited at once: if one fails, the failure of the other is handled too.
  await Promise.all([hashed.readable.pipeTo(file.writable), entry.getData(hashed.writable)]);
  return hash.digest("base64url");
}

/** Parses lines of `path,sha256=digest,bytes`; the digest is in base64url without padding. */
function recordedDigests(record: string): ReadonlyMap<string, string> {
  return new Map(
    record.split("\n").flatMap((line) => {
      const [, name, digest] = line.match(/^"?(.+?)"?,sha256=([\w-]+),\d+\s*$/) ?? [];
      return name === undefined ? [] : [[name, digest] as const];
    }),
  );
}

async function textOf(
  entries: readonly FileEntry[],
  { ending, path }: { readonly ending: string; readonly path: string },
): Promise<string> {
  const entry = entries.find(({ filename }) => filename.endsWith(ending));
  if (entry === undefined) {
    throw new UnpackError(`Cannot unpack ${path}: it has no ${ending}, expected a wheel`);
  }
  const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>();
  const [text] = await Promise.all([new Response(readable).text(), entry.getData(writable)]);
  return text;
}

function safe(name: string): string {
  if (!name.startsWith("/") && !name.split("/").includes("..")) return name;
  throw new UnpackError(`Cannot unpack ${name}: it leaves the folder, fetch the wheel again`);
}

/** Random access to a file on disk. */
class FileReader extends Reader<Deno.FsFile> {
  readonly #file: Deno.FsFile;

  constructor(file: Deno.FsFile) {
    super(file);
    this.#file = file;
    this.size = file.statSync().size;
  }

  override async readUint8Array(index: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(Math.min(length, this.size - index));
    await this.#file.seek(index, Deno.SeekMode.Start);
    await fill(this.#file, bytes);
    return bytes;
  }
}
