/**
 * Compares two sides task by task: configurations, digests, metrics.
 *
 * @module
 */
import { type Change, changes } from "../tasks/key_changes.ts";
import type { Entry, Side } from "./side.ts";
import type { Digest, Json } from "../stage.ts";

/** A number in the results that differs; null where it is absent. */
export interface Metric {
  /** Dotted path within the meta. */
  readonly name: string;
  readonly before: number | null;
  readonly after: number | null;
}

/** A task on both sides, or on one. */
export interface TaskComparison {
  /** The task's id; both ids where the sides are about different tasks. */
  readonly task: string;
  readonly on: "both" | "first" | "second";
  /** True where nothing differs, as far as both sides are built. */
  readonly same: boolean;
  readonly digests: readonly [Digest | null, Digest | null];
  readonly changes: readonly Change[];
  readonly metrics: readonly Metric[];
}

/** All tasks, inputs first. */
export interface Comparison {
  readonly same: boolean;
  /** The first task whose bytes differ, or else whose key differs; null where nothing differs. */
  readonly first: string | null;
  readonly tasks: readonly TaskComparison[];
}

export function compare(a: Side, b: Side): Comparison {
  const others = new Map(b.entries.map((entry) => [partner(entry.task, { of: b, to: a }), entry]));
  const own = new Set(a.entries.map(({ task }) => task));
  const tasks = [
    ...a.entries.map((entry) => compareEntries(entry, others.get(entry.task))),
    ...[...others].filter(([name]) => !own.has(name)).map(([, entry]) => compareEntries(undefined, entry)),
  ];
  const isOther = ({ on, digests: [before, after] }: TaskComparison) => on !== "both" || before !== after;
  const first = tasks.find(isOther) ?? tasks.find(({ same }) => !same);
  return { same: first === undefined, first: first?.task ?? null, tasks };
}

/** Name of the task to compare with: the other side's root for a root, else the task's own name. */
function partner(task: string, { of, to }: { readonly of: Side; readonly to: Side }): string {
  return task === of.root && to.root !== undefined ? to.root : task;
}

function compareEntries(a: Entry | undefined, b: Entry | undefined): TaskComparison {
  if (a === undefined || b === undefined) {
    const { task } = (a ?? b)!;
    const digests = [a?.digest ?? null, b?.digest ?? null] as const;
    return { task, on: a ? "first" : "second", same: false, digests, changes: [], metrics: [] };
  }
  const found = changes(a, b, { strict: true });
  return {
    task: a.task === b.task ? a.task : `${a.task} | ${b.task}`,
    on: "both",
    same: a.digest === b.digest && found.length === 0,
    digests: [a.digest, b.digest],
    changes: found,
    metrics: a.digest === null || b.digest === null ? [] : metricChanges(a.meta, b.meta),
  };
}

function metricChanges(before: Json, after: Json): Metric[] {
  const [old, now] = [new Map(numbersIn(before)), new Map(numbersIn(after))];
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((name) => old.get(name) !== now.get(name))
    .map((name) => ({ name, before: old.get(name) ?? null, after: now.get(name) ?? null }));
}

function numbersIn(value: Json, path = ""): [string, number][] {
  if (typeof value === "number") return [[path, value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value as Readonly<Record<string, Json>>).flatMap(([key, inner]) =>
    numbersIn(inner, path === "" ? key : `${path}.${key}`)
  );
}
