/**
 * Outcomes as data: a run passes events to its printer, and `--json` writes them, one a line.
 *
 * @module
 */
import type { Plan } from "../plan/estimate.ts";
import type { Digest, Key } from "../stage.ts";

export type Event =
  | { readonly type: "plan" } & Plan
  | {
    readonly type: "backend";
    readonly name: string;
    /** The reason for the choice of `auto`; null where the backend was named. */
    readonly reason: string | null;
    /** Part of the key of every task that computes tensors. */
    readonly environment: Key["environment"];
    /** False where those tasks load native code, which no permission confines. */
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
    /** Units of `done` per second. */
    readonly rate: number | null;
    /** Remaining time, seconds. */
    readonly left: number | null;
  }
  | {
    readonly type: "built";
    readonly id: string;
    readonly digest: Digest;
    readonly dir: string;
    readonly seconds: number;
    /** True where the bytes equal those of an earlier artifact. */
    readonly unchanged: boolean;
  }
  | { readonly type: "failed"; readonly id: string; readonly message: string; readonly log: string | null }
  | { readonly type: "skipped"; readonly id: string; readonly because: string }
  | { readonly type: "published"; readonly id: string; readonly dir: string }
  | { readonly type: "notice"; readonly message: string }
  | {
    readonly type: "checked";
    readonly id: string;
    /** The number of compared files. */
    readonly files: number;
    /** The first difference; null where every byte is the same. */
    readonly difference: Difference | null;
  }
  | { readonly type: "stopped" }
  | {
    readonly type: "summary";
    readonly built: readonly string[];
    readonly fresh: readonly string[];
    readonly failed: readonly string[];
  };

/** The first difference between two runs of a task, or between a run and the artifact in the store. */
export interface Difference {
  readonly against: "second run" | "store";
  /** Path relative to the task's folder; `meta` for the results. */
  readonly file: string;
  /** Offset of the first byte that differs; null for `meta` and for a file that is missing on one side. */
  readonly offset: number | null;
  readonly detail: string;
}

export type Emit = (event: Event) => void;

/** Prints events. */
export interface Printer {
  readonly print: Emit;
  /** Restores the terminal. */
  readonly close: () => void;
}
