/**
 * Sound results for commands of the workflow's own.
 *
 * @module
 */
import type { Engine } from "./engine.ts";
import { tasksNamed } from "./graph.ts";
import { assessAll } from "./plan.ts";
import type { Artifact } from "./types.ts";

/** The artifacts of a NAME (a stage or a task). Throws an Error for a task that is not fresh. */
export async function freshArtifacts(engine: Engine, name: string): Promise<readonly Artifact[]> {
  const named = tasksNamed(engine.tasks, name);
  const statuses = await assessAll(engine);
  await engine.digests.save();
  return named.map((task) => {
    const { state, artifact } = statuses.get(task)!;
    if (state === "fresh") return artifact!;
    const command = `deno task stage '${task.id}' --profile ${engine.profile.name}`;
    throw new Error(`Cannot read ${task.id}: it is ${state}, run "${command}" first`);
  });
}
