/**
 * The store's one writer: a lock of the operating system on `artifacts/.lock`, which ends with its holder.
 * The file names the holder and the running tasks.
 *
 * @module
 */
import { hostname } from "node:os";
import { join } from "node:path";
import { StoreBusyError } from "../base/errors.ts";
import { folderProblem, GONE, isOfFile, lstatIfAny, readJsonIfAny } from "../base/files.ts";
import { openOwn, refuseOthers } from "../base/own_files.ts";
import type { Digest } from "../stage.ts";
import type { Workspace } from "../base/workspace.ts";

/** The process that may write to the store. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601. */
  readonly since: string;
  readonly command: string;
  /** Ids of the tasks it runs now. */
  readonly running: readonly string[];
  /** Start (ISO 8601) and key of each running task; another profile's task of this name has another key. */
  readonly started: Readonly<Record<string, { readonly at: string; readonly key: Digest }>>;
}

/** A running task. */
export interface Running {
  readonly id: string;
  readonly key: Digest;
}

/** A held lock. */
export class StoreLock implements Disposable {
  readonly #file: Deno.FsFile;
  readonly #holder: Omit<Holder, "running" | "started">;
  #started: Holder["started"] = {};

  private constructor(file: Deno.FsFile, command: string) {
    this.#file = file;
    this.#holder = { pid: Deno.pid, host: hostname(), since: new Date().toISOString(), command };
  }

  /**
   * Takes the lock. Where another engine holds it, throws a StoreBusyError that names the holder; with `wait`
   * it waits instead, and calls `waiting` once with the holder.
   */
  static async acquire(
    workspace: Workspace,
    options: {
      readonly command: string;
      readonly wait?: boolean;
      readonly waiting?: (holder: string) => void;
    },
  ): Promise<StoreLock> {
    const file = await openLock(workspace);
    for (let attempt = 0; !await file.tryLock(true); attempt++) {
      const holder = describe(await readJsonIfAny<Holder>(lockPath(workspace)));
      // `status` tries the lock for an instant too, so a single refusal proves nothing.
      if (!options.wait && attempt === 2) {
        file.close();
        throw new StoreBusyError(
          `Cannot write to ${workspace.artifacts}: ${holder} holds it, wait for it with --wait or stop it first`,
        );
      }
      if (attempt === 3) options.waiting?.(holder);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const lock = new StoreLock(file, options.command);
    lock.running([]);
    return lock;
  }

  /** Writes the running tasks for `status`; on a full disk the file stays empty. */
  running(tasks: readonly Running[]): void {
    const now = new Date().toISOString();
    this.#started = Object.fromEntries(
      tasks.map(({ id, key }) => [id, { at: this.#started[id]?.at ?? now, key }]),
    );
    const holder: Holder = { ...this.#holder, running: tasks.map(({ id }) => id), started: this.#started };
    const text = new TextEncoder().encode(JSON.stringify(holder));
    this.#file.truncateSync();
    this.#file.seekSync(0, Deno.SeekMode.Start);
    try {
      this.#file.writeSync(text);
    } catch {
      this.#file.truncateSync();
    }
  }

  [Symbol.dispose](): void {
    this.#file.truncateSync();
    this.#file.unlockSync();
    this.#file.close();
  }
}

/** The present holder of the store, if there is one; only the engine's own lock file counts. */
export async function currentHolder(workspace: Workspace): Promise<Holder | undefined> {
  const path = lockPath(workspace);
  try {
    if (!(await lstatIfAny(path))?.isFile) return undefined;
    using file = await Deno.open(path, { read: true });
    if (await file.tryLock(true)) return undefined;
  } catch (error) {
    if (isOfFile(error)) return undefined;
    throw error;
  }
  return await readJsonIfAny<Holder>(path);
}

async function openLock(workspace: Workspace): Promise<Deno.FsFile> {
  const { artifacts } = workspace;
  const problem = await folderProblem(artifacts);
  if (problem !== undefined && problem !== GONE) {
    throw new Error(`Cannot write to ${artifacts}: ${problem}, put that right or remove it`);
  }
  await refuseOthers(workspace);
  try {
    await Deno.mkdir(artifacts, { recursive: true });
    return await openOwn(lockPath(workspace));
  } catch (cause) {
    throw new Error(`Cannot write to ${artifacts}, make it writable or make room`, { cause });
  }
}

function lockPath(workspace: Workspace): string {
  return join(workspace.artifacts, ".lock");
}

/** The holder in words: `"deno task reproduce" (process 12 on host, since …)`. */
export function describe(holder: Holder | undefined): string {
  if (!holder?.command) return "another run";
  return `"${holder.command}" (process ${holder.pid} on ${holder.host}, since ${holder.since})`;
}
