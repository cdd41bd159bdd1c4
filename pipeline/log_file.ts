/**
 * The log of one attempt: bounded, and never the reason why an attempt fails.
 *
 * @module
 */

/** Bytes that a log holds of what a stage prints. */
export const LOG_LIMIT = 64 * 1024 * 1024;

/** Open for appending. */
export class LogFile implements Disposable {
  readonly #file: Deno.FsFile;
  #written = 0;
  #left = 0;
  #problem: unknown;

  private constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  static async open(path: string): Promise<LogFile> {
    return new LogFile(await Deno.open(path, { create: true, append: true }));
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
    if (kept.length > 0) await this.#append(kept);
  }

  /** Appends a line of the engine's own, whatever the stage has printed. */
  async note(text: string): Promise<void> {
    await this.end();
    await this.#append(new TextEncoder().encode(text));
  }

  /** Says how much is left out, if anything is. */
  async end(): Promise<void> {
    if (this.#left === 0) return;
    const text = `\n(${this.#left} bytes more were printed and are left out)\n`;
    this.#left = 0;
    await this.#append(new TextEncoder().encode(text));
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  async #append(bytes: Uint8Array): Promise<void> {
    try {
      for (let done = 0; done < bytes.length;) done += await this.#file.write(bytes.subarray(done));
    } catch (error) {
      this.#problem = error;
    }
  }
}
