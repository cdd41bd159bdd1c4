/**
 * `deno task stage NAME`: builds one stage or task, the tasks it needs, and those that depend on it.
 *
 * @module
 */
import { dependencies, tasksNamed, withDownstream, withUpstream } from "../../tasks/graph.ts";
import type { Task } from "../../stage.ts";
import type { Command } from "../../workflow.ts";
import { assessAll, type Status } from "../../plan/plan.ts";
import { build, buildFlags, hintFlags, type Wanted } from "../build.ts";
import { checkNamed } from "../determinism_report.ts";
import { engineOf } from "../common_flags.ts";

/** Builds NAME and the tasks that depend on it. */
export const stage: Command = {
  summary: "Build NAME (a stage or a task such as train[cnn,0]), what it needs, then what depends on it",
  names: { usage: "NAME", least: 1, most: 1 },
  flags: {
    ...buildFlags,
    force: { type: "switch", help: "run NAME although it is fresh" },
    "check-determinism": {
      type: "switch",
      help: "run NAME twice from the same inputs and name the first file that differs; publishes nothing",
    },
  },
  moreFlags: hintFlags,
  run: async (pipeline, args) => {
    const engine = await engineOf(pipeline, args);
    const named = tasksNamed(engine.tasks, args.names[0]);
    if (args.on["check-determinism"]) return await checkNamed(engine, named, args);
    const wanted = wantedFor(engine.tasks, { named, statuses: await assessAll(engine) });
    return await build(engine, { ...wanted, forced: new Set(args.on.force ? named : []) }, args);
  },
};

/**
 * The named tasks with their inputs, and the tasks that depend on them as long as nothing else must be built
 * for that: running one model's training must not start another's.
 */
function wantedFor(
  graph: readonly Task[],
  { named, statuses }: {
    readonly named: readonly Task[];
    readonly statuses: ReadonlyMap<Task, Pick<Status, "state">>;
  },
): Pick<Wanted, "targets" | "notes"> {
  const targets = new Set(withUpstream(named));
  const notes: string[] = [];
  for (const task of withDownstream(graph, named)) {
    if (targets.has(task)) continue;
    const missing = dependencies(task).find((input) =>
      !targets.has(input) && statuses.get(input)?.state !== "fresh"
    );
    if (missing) notes.push(`${task.id} is left out: it also needs ${missing.id}, which is not fresh`);
    else withUpstream([task]).forEach((each) => targets.add(each));
  }
  return { targets, notes };
}
