/**
 * The log of one attempt: bounded, without secrets, and never the reason why an attempt fails.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { namesIn, writeAll } from "../base/files.ts";
import { withoutSecrets } from "../base/secrets.ts";
import type { Workspace } from "../base/workspace.ts";

/** Bytes that a log holds of what a stage prints. */
export const LOG_LIMIT = 64 * 1024 * 1024;

/** A line that is longer is written in parts, in bytes. */
const LINE_LIMIT = 64 * 1024;

/** Number of the attempt whose log has a name; 0 where it is none. */
export function attemptNumber(name: string): number {
  return Number(name.match(/^(\d{4,15})\.log$/)?.[1] ?? 0);
}

/** Path of the log of the last attempt at a task, if there is one: numbers tell, files of other names are none. */
export function lastLog(workspace: Workspace, place: string): string | undefined {
  const folder = join(workspace.logs, place);
  const logs = namesIn(folder).filter((name) => attemptNumber(name) > 0)
    .sort((a, b) => attemptNumber(b) - attemptNumber(a))
    .map((name) => join(folder, name));
  return logs.find((path) => Deno.lstatSync(path).isFile);
}

/** A log that is being written: a new file, which follows no link. */
export class LogFile implements Disposable {
  readonly #file: Deno.FsFile;
  #written = 0;
  #left = 0;
  #problem: unknown;
  /** The start of a line: a URL in it may not be whole. */
  #line: Uint8Array = new Uint8Array();

  private constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  static async open(path: string): Promise<LogFile> {
    return new LogFile(await Deno.open(path, { createNew: true, append: true }));
  }

  /** Why something that should be in the log is not, if so: the disk is full. */
  get problem(): unknown {
    return this.#problem;
  }

  /** Appends what a stage printed, as far as there is room. */
  async print(bytes: Uint8Array): Promise<void> {
    const kept = bytes.subarray(0, Math.max(0, LOG_LIMIT - this.#written));
    this.#left += bytes.length - kept.length;
    this.#written += kept.length;
    if (kept.length > 0) await this.#append(this.#wholeLines(kept));
  }

  /** Appends a line of the engine's own, whatever the stage has printed. */
  async note(text: string): Promise<void> {
    await this.end();
    await this.#append(new TextEncoder().encode(withoutSecrets(text)));
  }

  /** Says how much is left out, if anything is. */
  async end(): Promise<void> {
    await this.#append(this.#wholeLines(new Uint8Array(), { isEnd: true }));
    if (this.#left === 0) return;
    const text = `\n(${this.#left} bytes more were printed and are left out)\n`;
    this.#left = 0;
    await this.#append(new TextEncoder().encode(text));
  }

  [Symbol.dispose](): void {
    try {
      this.#file.writeSync(this.#wholeLines(new Uint8Array(), { isEnd: true }));
    } catch (error) {
      this.#problem = error;
    }
    this.#file.close();
  }

  /** What can be written of the lines so far, cleaned. */
  #wholeLines(bytes: Uint8Array, { isEnd = false } = {}): Uint8Array {
    const all = Buffer.concat([this.#line, bytes]);
    const isLong = all.length > LINE_LIMIT;
    const end = isEnd || (isLong && !all.includes("\n")) ? all.length : all.lastIndexOf("\n") + 1;
    this.#line = all.subarray(end);
    const lines = all.subarray(0, end);
    const text = lines.toString();
    const clean = withoutSecrets(text);
    // Bytes that are no UTF-8 stay as they are.
    return clean === text ? lines : Buffer.from(clean);
  }

  async #append(bytes: Uint8Array): Promise<void> {
    try {
      await writeAll(this.#file, bytes);
    } catch (error) {
      this.#problem = error;
    }
  }
}
