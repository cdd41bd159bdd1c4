/**
 * `deno task gc`: shows what no profile's graph needs, then deletes it.
 *
 * @module
 */
import { StoreLock } from "../lock.ts";
import type { Command } from "../pipeline.ts";
import { bytesOf, type Holding, survey } from "../survey.ts";
import { shown, type Workspace, workspaceAt } from "../workspace.ts";
import { confirmed, jsonFlag, printJson, printLines } from "./common.ts";
import { removalLines, remove } from "./removal.ts";

/** Holds the store's lock: no engine can start to need what is being deleted. */
export const gc: Command = {
  summary: "Show artifacts, checkpoints and leftovers that no profile's graph needs; --yes deletes them",
  flags: {
    yes: { type: "switch", help: "delete them (at a terminal it asks)" },
    wait: { type: "switch", help: "wait while another run writes to the store" },
    ...jsonFlag,
  },
  run: async (pipeline, args) => {
    const workspace = workspaceAt(pipeline.root);
    using _lock = await StoreLock.acquire(workspace, { command: args.line, wait: args.on.wait });
    const doomed = (await survey(pipeline, workspace)).filter(({ use }) => use === "unneeded");
    if (!args.on.json) show(workspace, doomed);
    const isAgreed = args.on.yes ||
      (!args.on.json && doomed.length > 0 &&
        await confirmed(`Delete ${doomed.length === 1 ? "it" : "them"}?`));
    if (isAgreed && doomed.length > 0) await remove(workspace, doomed);
    if (args.on.json) printJson(record(workspace, doomed, isAgreed));
    else if (doomed.length > 0) {
      console.log(isAgreed ? "Deleted" : "Nothing is deleted yet, deno task gc --yes does it");
    }
    return 0;
  },
};

function show(workspace: Workspace, doomed: readonly Holding[]): void {
  printLines(removalLines(workspace, doomed, "would remove"));
}

function record(workspace: Workspace, doomed: readonly Holding[], deleted: boolean) {
  return {
    deleted,
    bytes: bytesOf(doomed),
    entries: doomed.map(({ kind, path, bytes, task }) => ({
      kind,
      path: shown(workspace, path),
      bytes,
      task,
    })),
  };
}
