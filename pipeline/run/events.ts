/**
 * Outcomes as data: what a run tells its printer, and what `--json` writes, one a line.
 *
 * @module
 */
import type { Planned } from "../plan/estimate.ts";
import type { Digest, Key } from "../stage.ts";

export type Event =
  | {
    readonly type: "plan";
    readonly tasks: readonly Planned[];
    /** Of everything that may run and whose time is known. */
    readonly seconds: number;
    /** The same, of what is certain to run. */
    readonly least: number;
    /** Tasks whose time is not known. */
    readonly unknown: number;
    /** Bytes, as far as known. */
    readonly disk: number;
    readonly memory: number;
  }
  | {
    readonly type: "backend";
    readonly name: string;
    /** Why `auto` took it; null where it was named. */
    readonly reason: string | null;
    /** Part of the key of every task that computes tensors. */
    readonly environment: Key["environment"];
    /** False where those tasks load native code, which no permission holds. */
    readonly sandboxed: boolean;
  }
  | { readonly type: "fresh"; readonly id: string; readonly digest: Digest; readonly dir: string }
  | {
    readonly type: "start";
    readonly id: string;
    readonly reasons: readonly string[];
    readonly cores: number;
    readonly log: string;
  }
  | {
    readonly type: "progress";
    readonly id: string;
    readonly done: number;
    readonly total: number;
    readonly note: string | null;
    /** Units of `done` a second. */
    readonly rate: number | null;
    /** Seconds. */
    readonly left: number | null;
  }
  | {
    readonly type: "built";
    readonly id: string;
    readonly digest: Digest;
    readonly dir: string;
    readonly seconds: number;
    /** The bytes are those of an artifact that was there before. */
    readonly unchanged: boolean;
  }
  | { readonly type: "failed"; readonly id: string; readonly message: string; readonly log: string | null }
  | { readonly type: "skipped"; readonly id: string; readonly because: string }
  | { readonly type: "published"; readonly id: string; readonly dir: string }
  | { readonly type: "notice"; readonly message: string }
  | {
    readonly type: "checked";
    readonly id: string;
    /** Files that were compared. */
    readonly files: number;
    /** The first there is; null where every byte is the same. */
    readonly difference: Difference | null;
  }
  | { readonly type: "stopped" }
  | {
    readonly type: "summary";
    readonly built: readonly string[];
    readonly fresh: readonly string[];
    readonly failed: readonly string[];
  };

/** Where two runs of a task, or a run and the artifact in the store, part. */
export interface Difference {
  readonly against: "second run" | "store";
  /** Relative to the task's folder; `meta` for the results. */
  readonly file: string;
  /** First byte that differs; null where the file is missing on one side, or for `meta`. */
  readonly offset: number | null;
  readonly detail: string;
}

export type Emit = (event: Event) => void;

/** Shows events to somebody. */
export interface Printer {
  readonly print: Emit;
  /** Leaves the terminal as it should be. */
  readonly close: () => void;
}
