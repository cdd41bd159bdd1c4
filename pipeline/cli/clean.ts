/**
 * `deno task clean`: removes what no profile refers to any more.
 *
 * @module
 */
import { join } from "node:path";
import { openEngine } from "../engine.ts";
import { exists, namesIn, removeIfAny, sizeOf } from "../files.ts";
import { StoreLock } from "../lock.ts";
import type { Command, Pipeline } from "../pipeline.ts";
import { assessAll } from "../plan.ts";
import { profileNames } from "../profile.ts";
import { artifactsIn } from "../store.ts";
import { bytes } from "../words.ts";
import { shown, type Workspace, workspaceAt } from "../workspace.ts";

/** Keeps each task's current artifact, or the last one where it is stale. */
export const clean: Command = {
  summary: "Remove logs, checkpoints, unfinished outputs and artifacts that no profile refers to",
  flags: {
    all: { type: "switch", help: "remove every artifact" },
    "dry-run": { type: "switch", help: "say what would be removed" },
    wait: { type: "switch", help: "wait while another run writes to the store" },
  },
  run: async (pipeline, args) => {
    const workspace = workspaceAt(pipeline.root);
    using _lock = await StoreLock.acquire(workspace, { command: args.line, wait: args.on.wait });
    const doomed = args.on.all ? everything(workspace) : await unreferenced(pipeline, workspace);
    let freed = 0;
    for (const path of doomed) {
      const size = await sizeOf(path);
      freed += size;
      console.log(
        `${args.on["dry-run"] ? "would remove" : "removed"} ${shown(workspace, path)} (${bytes(size)})`,
      );
      if (!args.on["dry-run"]) await removeIfAny(path);
    }
    console.log(`${bytes(freed)} ${args.on["dry-run"] ? "would be freed" : "freed"}`);
    return 0;
  },
};

/** The lock itself stays, and a placeholder that version control keeps. */
function everything(workspace: Workspace): string[] {
  const kept = [".lock", ".gitkeep", ".gitignore"];
  return namesIn(workspace.artifacts).filter((name) => !kept.includes(name)).map((name) =>
    join(workspace.artifacts, name)
  );
}

async function unreferenced(pipeline: Pipeline, workspace: Workspace): Promise<string[]> {
  const kept = new Set<string>();
  for (const profile of profileNames(workspace)) {
    const statuses = await assessAll(await openEngine(pipeline, { profile }));
    for (const { artifact } of statuses.values()) if (artifact) kept.add(artifact.dir);
  }
  const doomed: string[] = [];
  for (const folder of [workspace.staging, workspace.scratch, workspace.logs]) {
    if (await exists(folder)) doomed.push(folder);
  }
  for await (const { dir } of artifactsIn(workspace)) if (!kept.has(dir)) doomed.push(dir);
  return doomed;
}
