/**
 * `deno task status`: every task's state, and why.
 *
 * @module
 */
import { currentHolder } from "../lock.ts";
import type { Command } from "../pipeline.ts";
import { assessAll, type Status } from "../plan.ts";
import { count } from "../words.ts";
import { shown, type Workspace } from "../workspace.ts";
import { engineOf, environmentFlags, jsonFlag, printJson, profileFlags } from "./common.ts";

/** Reads only. */
export const status: Command = {
  summary: "Show the state of every task, and why it is not fresh",
  flags: { ...profileFlags, ...environmentFlags, ...jsonFlag },
  run: async (pipeline, args) => {
    const engine = await engineOf(pipeline, args);
    const holder = await currentHolder(engine.workspace);
    const statuses = [...(await assessAll(engine)).values()].map((each): Status =>
      holder?.running.includes(each.task.id) ? { ...each, state: "running" } : each
    );
    await engine.digests.save();
    if (args.on.json) printJson(statuses.map((each) => record(engine.workspace, each)));
    else printTable(statuses);
    return 0;
  },
};

function record(workspace: Workspace, { task, state, reasons, artifact }: Status) {
  return {
    id: task.id,
    stage: task.stage.name,
    params: task.params,
    state,
    reasons,
    digest: artifact?.digest ?? null,
    dir: artifact === undefined ? null : shown(workspace, artifact.dir),
  };
}

function printTable(statuses: readonly Status[]): void {
  const width = Math.max(0, ...statuses.map(({ task }) => task.id.length)) + 2;
  for (const { task, state, reasons, artifact } of statuses) {
    const digest = state === "missing" ? "" : artifact?.digest.slice(0, 8) ?? "";
    const more = reasons.length > 2 ? `, and ${reasons.length - 2} more` : "";
    const why = reasons.slice(0, 2).join(", ") + more;
    console.log(`${task.id.padEnd(width)}${state.padEnd(9)}${digest.padEnd(10)}${why}`.trimEnd());
  }
  const states = Map.groupBy(statuses, ({ state }) => state);
  console.log([...states].map(([state, { length }]) => `${count(length, "task")} ${state}`).join(", "));
}
