/**
 * Sound results for the workflow's own commands.
 *
 * @module
 */
import { openEngine } from "./engine.ts";
import { tasksNamed } from "../tasks/graph.ts";
import type { Pipeline } from "../workflow.ts";
import { assessAll } from "./plan.ts";
import type { Artifact } from "../stage.ts";

/**
 * The artifacts of a profile's tasks, in the order of `names` (stages or tasks). Throws an Error for a task
 * that is not fresh, and a UsageError for an unknown name.
 */
export async function freshArtifacts(
  pipeline: Pipeline,
  { profile, names }: { readonly profile: string; readonly names: readonly string[] },
): Promise<readonly Artifact[]> {
  const engine = await openEngine(pipeline, { profile });
  const named = names.flatMap((name) => tasksNamed(engine.tasks, name));
  const statuses = await assessAll(engine);
  await engine.digests.save();
  return named.map((task) => {
    const { state, artifact } = statuses.get(task)!;
    if (state === "fresh") return artifact!;
    const command = `deno task stage '${task.id}' --profile ${profile}`;
    throw new Error(`Cannot read ${task.id}: it is ${state}, run "${command}" first`);
  });
}
