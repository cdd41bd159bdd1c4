/**
 * `deno task diff A B`: compares two states of the workflow and names the first difference.
 *
 * @module
 */
import { compare, type Comparison, type Metric, type TaskComparison } from "../../compare/compare.ts";
import type { Command } from "../../workflow.ts";
import { inDetail } from "../../tasks/key_changes.ts";
import { type Side, sideOf } from "../../compare/side.ts";
import { count } from "../../base/quantities.ts";
import { DEFAULT_PROFILE, jsonFlag, printJson, printLines } from "../common_flags.ts";

/** Only reads. */
export const diff: Command = {
  summary: "Compare A with B, task by task: configurations, digests, metrics, the first task that differs",
  details: [
    "A and B are each one of",
    "  PROFILE     the store at a profile: quick",
    "  TASK        a task as the store has it, with all that it was made from: 'train[cnn,0]'",
    "  ARTIFACT    a folder of the store, with all that it was made from: artifacts/train/cnn-0/1f2e3d4c5b6a7988",
    "  ARCHIVE     all that a file of deno task archive holds: treenet-quick-….zip",
  ],
  exits: "0 nothing differs, 1 something does, 2 bad usage",
  names: { usage: "A B", least: 2, most: 2 },
  flags: {
    profile: { type: "text", value: "P", help: `where a TASK is looked up (default ${DEFAULT_PROFILE})` },
    ...jsonFlag,
  },
  run: async (pipeline, args) => {
    const profile = args.text.profile ?? DEFAULT_PROFILE;
    const [a, b] = [
      await sideOf(pipeline, args.names[0], { profile, here: args.here }),
      await sideOf(pipeline, args.names[1], { profile, here: args.here }),
    ];
    const comparison = compare(a, b);
    if (args.on.json) printJson({ a: a.name, b: b.name, ...comparison, lost: [a.lost, b.lost] });
    else printLines(linesOf(comparison, [a, b]));
    return comparison.same ? 0 : 1;
  },
};

/** The most metrics shown for a task; `--json` has them all. */
const SHOWN = 20;

function linesOf({ tasks, first }: Comparison, sides: readonly [Side, Side]): string[] {
  const different = tasks.filter(({ same }) => !same);
  const lost = sides.flatMap((side) =>
    side.lost.map((input) => `${side.name}: ${input} is no longer in the store`)
  );
  return [
    ...different.flatMap((each) => taskLines(each, sides)),
    ...lost,
    `${count(tasks.length - different.length, "task")} the same, ${different.length} different` +
    (first === null ? "" : `, the first is ${first}`),
  ];
}

function taskLines({ task, on, digests, changes, metrics }: TaskComparison, [a, b]: readonly [Side, Side]) {
  if (on !== "both") return [`${task}: only in ${on === "first" ? a.name : b.name}`];
  return [
    `${task}: ${digestsInWords(digests)}`,
    ...changes.map((change) => `  ${inDetail(change)}`),
    ...metrics.slice(0, SHOWN).map((metric) => `  metric ${metricInWords(metric)}`),
    ...(metrics.length > SHOWN ? [`  and ${metrics.length - SHOWN} more metrics, see --json`] : []),
  ];
}

function digestsInWords([before, after]: TaskComparison["digests"]): string {
  const short = (digest: string | null) => digest?.slice(0, 8) ?? "not built";
  if (before !== after) return `${short(before)} → ${short(after)}`;
  return before === null ? "not built on either side" : `the same bytes (${short(before)}) from another key`;
}

function metricInWords({ name, before, after }: Metric): string {
  const change = before === null || after === null
    ? ""
    : ` (${after > before ? "+" : ""}${Number((after - before).toPrecision(3))})`;
  return `${name} ${before ?? "absent"} → ${after ?? "absent"}${change}`;
}
