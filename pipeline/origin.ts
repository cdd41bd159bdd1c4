/**
 * Where an input came from: which artifact holds the bytes, and which run made it.
 *
 * @module
 */
import { join } from "node:path";
import type { Task } from "./graph.ts";
import type { RunRecord } from "./provenance.ts";
import { readRecord } from "./sealed.ts";
import { artifactsOf } from "./store.ts";
import type { Artifact } from "./types.ts";
import type { Workspace } from "./workspace.ts";

/** An artifact and the run that made it. */
export interface Origin {
  readonly artifact: Artifact;
  /** Absent where the record is lost. */
  readonly run?: RunRecord;
}

/** The artifact of a task that has a digest, the latest made where several keys gave the same bytes. */
export async function originOf(
  workspace: Workspace,
  place: string,
  digest: string | null,
): Promise<Origin | undefined> {
  const artifacts = (await artifactsOf(workspace, place)).filter((artifact) => artifact.digest === digest);
  const artifact = await latest(artifacts);
  return artifact && { artifact, run: await runOf(artifact) };
}

/** The artifact whose run ended last. */
export async function latest(artifacts: readonly Artifact[]): Promise<Artifact | undefined> {
  if (artifacts.length <= 1) return artifacts[0];
  const ended = await Promise.all(artifacts.map(async (artifact) => {
    return { artifact, at: (await runOf(artifact))?.finished ?? "" };
  }));
  return ended.sort((a, b) => (a.at < b.at ? 1 : -1))[0].artifact;
}

async function runOf({ dir }: Artifact): Promise<RunRecord | undefined> {
  const read = await readRecord<RunRecord>(join(dir, "run.json"));
  return read.type === "sound" ? read.value : undefined;
}

/** The task behind an input's name in a key: `data`, or `views views[0]` where all tasks of a stage are read. */
export function inputTask(task: Task, name: string): Task | undefined {
  const [input, id] = name.split(" ");
  const found = task.inputs[input];
  if (found === undefined) return undefined;
  return "stage" in found ? found : found.find((each: Task) => each.id === id);
}
