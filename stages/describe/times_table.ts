/**
 * Estimated times as a table: a row a model, a column a stage.
 *
 * @module
 */
import type { Times } from "./times.ts";

/** Lines of a table in the unit that suits the whole. */
export function timesTable(
  { backend, machine, calibration, share, seconds, tasks }: Times,
): readonly string[] {
  const unit = unitOf(seconds);
  const known = tasks.filter((task) => task.seconds !== undefined);
  const stages = [...new Set(known.map(({ stage }) => stage))];
  const rows = [...new Set(known.map(({ point }) => rowOf(point)))];
  const sum = (row: string | undefined, stage?: string) =>
    known.filter((task) =>
      (row === undefined || rowOf(task.point) === row) && (stage === undefined || task.stage === stage)
    ).reduce((total, { seconds = 0 }) => total + seconds, 0);
  const cell = (value: number) => value === 0 ? "" : (value / unit.seconds).toFixed(1);
  const lines = [
    [unit.name, ...stages, "sum"],
    ...rows.map((row) => [row, ...stages.map((stage) => cell(sum(row, stage))), cell(sum(row))]),
    ["sum", ...stages.map((stage) => cell(sum(undefined, stage))), cell(sum(undefined))],
  ];
  const unknown = tasks.filter((task) => task.seconds === undefined).map(({ id }) => id);
  return [
    `Estimated time with backend ${backend} on ${machine.cpu}, ${machine.cores} cores, were they idle, from ${
      calibration.toFixed(1)
    } s of calibration:`,
    "",
    ...aligned(lines),
    "",
    `All of it, tasks of one core side by side: ${(seconds / unit.seconds).toFixed(1)} ${unit.name}` +
    (unknown.length > 0 ? `, and ${unknown.join(", ")}, which depends on the network` : ""),
    ...share < IDLE
      ? [
        `The machine is busy: the calibration had a core for ${
          Math.round(100 * share)
        }% of its time; as long as that ` +
        "goes on everything takes longer",
      ]
      : [],
  ];
}

/** Share of its time that the measuring thread computes on an idle machine, at least: it waits for the others. */
const IDLE = 0.6;

/** All seeds of a model are one row; what no model has is another. */
function rowOf({ model }: Times["tasks"][number]["point"]): string {
  return model === undefined ? "for all models" : String(model);
}

function unitOf(seconds: number) {
  if (seconds < 180) return { name: "seconds", seconds: 1 };
  return seconds < 7200 ? { name: "minutes", seconds: 60 } : { name: "hours", seconds: 3600 };
}

/** Columns of one width; the first to the left, numbers to the right. */
export function aligned(lines: readonly (readonly string[])[]): readonly string[] {
  const widths = lines[0].map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  return lines.map((line) =>
    line.map((cell, i) => i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])).join("  ")
  );
}
