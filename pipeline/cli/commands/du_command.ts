/**
 * `deno task du`: sizes in the store, by stage or task and by use.
 *
 * @module
 */
import { currentHolder } from "../../store/lock.ts";
import type { Command } from "../../workflow.ts";
import { bytesOf, type Holding, survey, type Use } from "../../plan/inventory.ts";
import { bytes } from "../../base/quantities.ts";
import { shown, workspaceAt } from "../../base/workspace.ts";
import { jsonFlag, printJson, printLines } from "../common_flags.ts";

/** Only reads. */
export const du: Command = {
  summary: "Show how many bytes every stage holds: fresh, stale, unneeded by all profiles",
  flags: { tasks: { type: "switch", help: "a line for every task" }, ...jsonFlag },
  run: async (pipeline, args) => {
    const workspace = workspaceAt(pipeline.root);
    const isBusy = await currentHolder(workspace) !== undefined;
    const holdings = (await survey(pipeline, workspace)).map((each): Holding =>
      isBusy && each.kind === "unfinished" ? { ...each, use: "stale" } : each
    );
    if (args.on.json) {
      printJson({
        ...totals(holdings),
        shared: totals(holdings.filter(isShared)),
        entries: holdings.map((each) => ({ ...each, path: shown(workspace, each.path) })),
      });
    } else printLines(linesOf(holdings, { tasks: args.on.tasks }));
    return 0;
  },
};

/** True where several profiles share it; it is counted once. */
function isShared({ profiles }: Holding): boolean {
  return profiles.length > 1;
}

const COLUMNS = ["count", "bytes", "fresh", "stale", "unneeded"] as const;

type Totals = Readonly<Record<typeof COLUMNS[number], number>>;

function totals(holdings: readonly Holding[]): Totals {
  const of = (use: Use) => bytesOf(holdings.filter((each) => each.use === use));
  return {
    count: holdings.length,
    bytes: bytesOf(holdings),
    fresh: of("fresh"),
    stale: of("stale"),
    unneeded: of("unneeded"),
  };
}

function linesOf(holdings: readonly Holding[], { tasks }: { readonly tasks: boolean }): string[] {
  const groups = Map.groupBy(holdings, (each) => groupOf(each, tasks));
  const rows: (readonly [string, Totals])[] = [
    ...[...groups].map(([name, members]) => [name, totals(members)] as const),
    ["total", totals(holdings)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  const shared = holdings.filter(isShared);
  return [
    "".padEnd(width) + COLUMNS.map((name) => name.padStart(10)).join(""),
    ...rows.map(([name, row]) => name.padEnd(width) + COLUMNS.map((column) => cell(row, column)).join("")),
    ...(shared.length > 0 ? [`${bytes(bytesOf(shared))} fresh for several profiles, counted once`] : []),
    ...(holdings.some(({ use }) => use === "unneeded")
      ? ["deno task clean --dry-run shows what is unneeded, deno task clean deletes it"]
      : []),
  ];
}

function groupOf({ kind, task }: Holding, tasks: boolean): string {
  if (kind !== "artifact") return kind === "checkpoint" ? "(checkpoints)" : `(${kind})`;
  if (task === null) return "(unreadable)";
  return tasks ? task : task.replace(/\[.*/, "");
}

function cell(row: Totals, column: typeof COLUMNS[number]): string {
  const value = row[column];
  return (column === "count" ? String(value) : value === 0 ? "-" : bytes(value)).padStart(10);
}
