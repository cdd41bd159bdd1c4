/**
 * The log of one attempt: limited in size, without secrets, and never a reason for the attempt to fail.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { namesIn, writeAll } from "../base/files.ts";
import { withoutSecrets } from "../base/secrets.ts";
import type { Workspace } from "../base/workspace.ts";

/** The most bytes of a stage's output in a log. */
export const LOG_LIMIT = 64 * 1024 * 1024;

/** Longer lines are written in parts, bytes. */
const LINE_LIMIT = 64 * 1024;

/** The attempt's number in the name of its log; 0 for other names. */
export function attemptNumber(name: string): number {
  return Number(name.match(/^(\d{4,15})\.log$/)?.[1] ?? 0);
}

/** Path of the log of a task's last attempt, if there is one; files of other names do not count. */
export function lastLog(workspace: Workspace, place: string): string | undefined {
  const folder = join(workspace.logs, place);
  const logs = namesIn(folder).filter((name) => attemptNumber(name) > 0)
    .sort((a, b) => attemptNumber(b) - attemptNumber(a))
    .map((name) => join(folder, name));
  return logs.find((path) => Deno.lstatSync(path).isFile);
}

/** A log while it is written. The file is new, so no link is followed. */
export class LogFile implements Disposable {
  readonly #file: Deno.FsFile;
  #written = 0;
  #left = 0;
  #problem: unknown;
  /** The beginning of an unfinished line, which may hold part of a URL. */
  #line: Uint8Array = new Uint8Array();

  private constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  static async open(path: string): Promise<LogFile> {
    return new LogFile(await Deno.open(path, { createNew: true, append: true }));
  }

  /** The error of a failed write, such as a full disk. */
  get problem(): unknown {
    return this.#problem;
  }

  /** Appends a stage's output as long as there is room. */
  async print(bytes: Uint8Array): Promise<void> {
    const kept = bytes.subarray(0, Math.max(0, LOG_LIMIT - this.#written));
    this.#left += bytes.length - kept.length;
    this.#written += kept.length;
    if (kept.length > 0) await this.#append(this.#wholeLines(kept));
  }

  /** Appends a line of the engine, even where the stage has filled the log. */
  async note(text: string): Promise<void> {
    await this.end();
    await this.#append(new TextEncoder().encode(withoutSecrets(text)));
  }

  /** Ends the stage's output, with the number of bytes left out. */
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

  /** The text that can be written so far, without secrets. */
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
