/**
 * The origin of an input: the artifact that holds the bytes, and the run that made it.
 *
 * @module
 */
import { join } from "node:path";
import type { Artifact, Task } from "../stage.ts";
import type { RunRecord } from "./run_record.ts";
import { readRecord } from "../base/sealed_json.ts";
import { artifactsOf } from "./artifacts.ts";
import type { Workspace } from "../base/workspace.ts";

/** An artifact and the run that made it. */
export interface Origin {
  readonly artifact: Artifact;
  /** Absent where the record is lost. */
  readonly run?: RunRecord;
}

/** The task's artifact with a given digest; the latest where several keys gave the same bytes. */
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

/** The record of the run that made an artifact; undefined where it is lost. */
export async function runOf({ dir }: Pick<Artifact, "dir">): Promise<RunRecord | undefined> {
  const read = await readRecord<RunRecord>(join(dir, "run.json"));
  return read.type === "sound" ? read.value : undefined;
}

/** The task behind an input's name in a key: `data`, or `views views[0]` for an `every` input. */
export function inputTask(task: Task, name: string): Task | undefined {
  const [input, id] = name.split(" ");
  const found = task.inputs[input];
  if (found === undefined) return undefined;
  return "stage" in found ? found : found.find((each: Task) => each.id === id);
}
