/**
 * Time of a profile: one unit of each stage's work, timed in a process of its own, and the times as a table.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { Backend } from "../../../pipeline/backend.ts";
import type { Outlook, Timed } from "../../../pipeline/mod.ts";
import { aligned } from "./mod.ts";
import type { Question } from "./time_child.ts";

const CHILD = fileURLToPath(new URL("./time_child.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../../deno.json", import.meta.url));

/** Times a unit of each task: a backend's threads are fixed when its process starts. Task id → seconds. */
export async function timeUnits(
  tasks: readonly Timed[],
  { name, library, variables }: Backend,
): Promise<Readonly<Record<string, number>>> {
  const cores = Math.max(...tasks.map((task) => task.cores));
  const question: Question = { tasks, backend: name, library };
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", "--config", CONFIG, CHILD],
    env: { ...variables?.(cores) },
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  await ReadableStream.from([new TextEncoder().encode(JSON.stringify(question))]).pipeTo(child.stdin);
  const { code, stdout } = await child.output();
  if (code === 0) return JSON.parse(new TextDecoder().decode(stdout));
  throw new Error(
    `Cannot time the stages with backend ${name}: the process ended with ${code}, see above, or ask for --sizes alone`,
  );
}

/** The times as lines: a row a stage, a column a model, all seeds together. */
export function timesTable({ backend, seconds, tasks }: Outlook): string {
  const unit = UNITS.find(({ length }) => seconds >= 2 * length) ?? UNITS[UNITS.length - 1];
  const cell = (stage: string, model?: string) => {
    const found = tasks.filter((task) =>
      task.stage === stage && (model === undefined || columnOf(task) === model)
    );
    const sum = found.reduce((total, { seconds }) => total + (seconds ?? 0), 0);
    return found.length === 0 ? "" : rounded(sum / unit.length);
  };
  const columns = [...new Set(tasks.map(columnOf))];
  const rows = [...new Set(tasks.map(({ stage }) => stage))].map((stage) => {
    const known = new Set(
      tasks.filter((task) => task.stage === stage).map(({ basis }) => KNOWN[basis ?? "null"]),
    );
    return [stage, ...columns.map((column) => cell(stage, column)), cell(stage), [...known].join(", ")];
  });
  return [
    `Time with backend ${backend} on this machine, ${unit.name}:`,
    aligned([["", ...columns, "sum", "known"], ...rows]),
    `All of it, tasks of one core side by side: about ${rounded(seconds / unit.length)} ${unit.name}`,
  ].join("\n\n");
}

/**
 * The source of a time, in a word: earlier runs here (also scaled ones), a unit just timed, or the declared
 * rate.
 */
const KNOWN = { measured: "run", scaled: "run, scaled", timed: "timed", stated: "declared", null: "unknown" };

const UNITS = [
  { name: "days", length: 86_400 },
  { name: "hours", length: 3600 },
  { name: "minutes", length: 60 },
  { name: "seconds", length: 1 },
];

/** Column of a task: its model, all seeds together, or a column for tasks without a model. */
function columnOf({ point }: Outlook["tasks"][number]): string {
  return point.model === undefined ? "for all" : String(point.model);
}

/** Rounds to two digits, the accuracy of such times. */
function rounded(value: number): string {
  return Number(value.toPrecision(2)).toLocaleString("en-US", { maximumFractionDigits: value < 1 ? 2 : 1 });
}
