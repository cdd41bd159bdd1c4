/**
 * `deno task log NAME`: the output of the last attempt.
 *
 * @module
 */
import { readTextIfAny } from "../../base/files.ts";
import { tasksNamed } from "../../tasks/graph.ts";
import { lastLog } from "../../child/log_file.ts";
import type { Command } from "../../workflow.ts";
import { shown } from "../../base/workspace.ts";
import { engineOf, profileFlags } from "../common_flags.ts";

/** Only reads. */
export const log: Command = {
  summary: "Print the log of the last attempt at NAME (a stage or a task)",
  names: { usage: "NAME", least: 1, most: 1 },
  flags: profileFlags,
  run: async (pipeline, args) => {
    const { tasks, workspace } = await engineOf(pipeline, args);
    const logs = tasksNamed(tasks, args.names[0]).flatMap((task) => {
      const path = lastLog(workspace, task.place);
      return path === undefined ? [] : [{ task, path }];
    });
    for (const { task, path } of logs) {
      console.log(`--- ${task.id}, ${shown(workspace, path)}`);
      console.log((await readTextIfAny(path) ?? "").trimEnd());
    }
    if (logs.length > 0) return 0;
    console.error(`No log of ${args.names[0]}: it has not been run here since the logs were cleaned`);
    return 1;
  },
};
