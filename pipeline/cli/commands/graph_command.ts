/**
 * `deno task graph`: the tasks as a Mermaid diagram.
 *
 * @module
 */
import { dependencies } from "../../tasks/graph.ts";
import type { Task } from "../../stage.ts";
import type { Command } from "../../workflow.ts";
import { engineOf, profileFlags } from "../common_flags.ts";

/** Only reads. */
export const graph: Command = {
  summary: "Print the tasks of a profile as a Mermaid diagram",
  flags: profileFlags,
  run: async (pipeline, args) => {
    const { tasks } = await engineOf(pipeline, args);
    console.log(mermaid(tasks));
    return 0;
  },
};

/** A flowchart with one node for each task and one arrow for each input. */
export function mermaid(tasks: readonly Task[]): string {
  const names = new Map(tasks.map((task, i) => [task, `t${i}`]));
  const nodes = tasks.map((task) => `  ${names.get(task)}["${task.id}"]`);
  const arrows = tasks.flatMap((task) =>
    [...new Set(dependencies(task))].map((input) => `  ${names.get(input)} --> ${names.get(task)}`)
  );
  return ["flowchart LR", ...nodes, ...arrows].join("\n");
}
