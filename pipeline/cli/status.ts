/**
 * `deno task status`: every task's state, and why; of a running one, by whom and since when.
 *
 * @module
 */
import { identityOf } from "../key.ts";
import { currentHolder, describe, type Holder } from "../lock.ts";
import type { Command } from "../pipeline.ts";
import { assessAll, earlierNotes, type Status } from "../plan.ts";
import { count } from "../words.ts";
import { shown, type Workspace } from "../workspace.ts";
import { engineOf, environmentFlags, jsonFlag, printJson, printLines, profileFlags } from "./common.ts";

/** Reads only. */
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

/** Who runs a task; `since` is when the task was started, ISO 8601. */
interface Runner {
  readonly pid: number;
  readonly host: string;
  readonly command: string;
  readonly since: string;
}

interface Seen extends Status {
  readonly by?: Runner;
}

/** Running, if its holder is at this very task: another profile's of the same name has another key. */
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
