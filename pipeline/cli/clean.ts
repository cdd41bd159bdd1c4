/**
 * `deno task clean`: what `gc` deletes, and all logs and checkpoints with it, without asking.
 *
 * @module
 */
import { StoreLock } from "../lock.ts";
import type { Command, Pipeline } from "../pipeline.ts";
import { everything, type Holding, survey } from "../survey.ts";
import { type Workspace, workspaceAt } from "../workspace.ts";
import { printLines } from "./common.ts";
import { removalLines, remove } from "./removal.ts";

/** Keeps each task's current artifact, or the last one where it is stale. */
export const clean: Command = {
  summary: "Remove what gc does, and all logs and checkpoints, without asking",
  flags: {
    all: { type: "switch", help: "remove every artifact" },
    "dry-run": { type: "switch", help: "say what would be removed" },
    wait: { type: "switch", help: "wait while another run writes to the store" },
  },
  run: async (pipeline, args) => {
    const workspace = workspaceAt(pipeline.root);
    using _lock = await StoreLock.acquire(workspace, { command: args.line, wait: args.on.wait });
    const doomed = args.on.all ? await everything(workspace) : await dispensable(pipeline, workspace);
    if (!args.on["dry-run"]) await remove(workspace, doomed);
    const verb = args.on["dry-run"] ? "would remove" : "removed";
    printLines(removalLines(workspace, doomed, verb));
    return 0;
  },
};

async function dispensable(pipeline: Pipeline, workspace: Workspace): Promise<Holding[]> {
  const holdings = await survey(pipeline, workspace);
  return holdings.filter(({ kind, use }) => use === "unneeded" || kind === "logs" || kind === "checkpoint");
}
