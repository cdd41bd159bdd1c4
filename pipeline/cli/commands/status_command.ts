/**
 * `deno task status`: every task's state with its reasons; for a running task, its process and start.
 *
 * @module
 */
import { identityOf } from "../../tasks/key.ts";
import { currentHolder, describe, type Holder } from "../../store/lock.ts";
import type { Command } from "../../workflow.ts";
import { assessAll, earlierNotes, type Status } from "../../plan/plan.ts";
import { count } from "../../base/quantities.ts";
import { shown, type Workspace } from "../../base/workspace.ts";
import {
  engineOf,
  environmentFlags,
  jsonFlag,
  printJson,
  printLines,
  profileFlags,
} from "../common_flags.ts";

/** Only reads. */
export const status: Command = {
  summary: "Show the state of every task, why it is not fresh, and who runs it",
  flags: { ...profileFlags, ...environmentFlags, ...jsonFlag },
  run: async (pipeline, args) => {
    const engine = await engineOf(pipeline, args);
    const holder = await currentHolder(engine.workspace);
    const statuses = [...(await assessAll(engine)).values()].map((each) => seen(each, holder));
    await engine.digests.save();
    if (args.on.json) printJson(statuses.map((each) => record(engine.workspace, each)));
    else printLines(tableOf(statuses, holder));
    return 0;
  },
};

/** The process that runs a task; `since` is the task's start, ISO 8601. */
type Runner = Pick<Holder, "pid" | "host" | "command" | "since">;

interface Seen extends Status {
  readonly by?: Runner;
}

/** Marks a task that the holder runs with this key; another profile's task of this name has another key. */
function seen(status: Status, holder: Holder | undefined): Seen {
  const started = holder?.started?.[status.task.id];
  if (!holder || !started) return status;
  if (status.key === undefined || identityOf(status.key) !== started.key) return status;
  const { pid, host, command } = holder;
  return { ...status, state: "running", by: { pid, host, command, since: started.at } };
}

function record(workspace: Workspace, { task, state, reasons, artifact, by }: Seen) {
  return {
    id: task.id,
    stage: task.stage.name,
    params: task.params,
    state,
    reasons,
    digest: artifact?.digest ?? null,
    dir: artifact === undefined ? null : shown(workspace, artifact.dir),
    ...(by ? { by } : {}),
  };
}

function tableOf(statuses: readonly Seen[], holder: Holder | undefined): string[] {
  const width = statuses.reduce((most, { task }) => Math.max(most, task.id.length), 0) + 2;
  const states = Map.groupBy(statuses, ({ state }) => state);
  return [
    ...statuses.map((each) => row(each, width)),
    [...states].map(([state, { length }]) => `${count(length, "task")} ${state}`).join(", "),
    ...(holder ? [`in use by ${describe(holder)}`] : []),
    ...earlierNotes(statuses),
  ];
}

function row({ task, state, reasons, artifact, by }: Seen, width: number): string {
  const digest = state === "missing" ? "" : artifact?.digest.slice(0, 8) ?? "";
  const more = reasons.length > 2 ? `, and ${reasons.length - 2} more` : "";
  const why = reasons.slice(0, 2).join(", ") + more;
  const who = by && `since ${by.since} by process ${by.pid} on ${by.host} (${by.command}): `;
  return `${task.id.padEnd(width)}${state.padEnd(9)}${digest.padEnd(10)}${who ?? ""}${why}`.trimEnd();
}
