/**
 * `deno task clean`: shows the store's files that no profile's graph needs, then deletes them; checkpoints of
 * unfinished runs only after confirmation.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { FileDigests } from "../../base/digests.ts";
import { StoreLock } from "../../store/lock.ts";
import type { Command, Pipeline } from "../../workflow.ts";
import { keepStrays } from "../../store/strays.ts";
import { bytesOf, everything, type Holding, isUnfinished, survey } from "../../plan/inventory.ts";
import { discard } from "../../store/trash.ts";
import { bytes, count } from "../../base/quantities.ts";
import { shown, type Workspace, workspaceAt } from "../../base/workspace.ts";
import { canAsk, confirmed, jsonFlag, printJson, printLines } from "../common_flags.ts";

/** Keeps each task's current or last artifact. The lock prevents other engines from using deleted files. */
export const clean: Command = {
  summary: "Show what no profile's graph needs, and all logs, then delete them (at a terminal it asks)",
  flags: {
    all: { type: "switch", help: "delete every artifact: all has to be computed again" },
    yes: { type: "switch", help: "ask nothing; checkpoints of unfinished runs go too: they start over" },
    "dry-run": { type: "switch", help: "only show" },
    wait: { type: "switch", help: "wait while another run writes to the store" },
    ...jsonFlag,
  },
  run: async (pipeline, { line, on }) => {
    const workspace = workspaceAt(pipeline.root);
    using _lock = await StoreLock.acquire(workspace, { command: line, wait: on.wait });
    const holdings = on.all ? await everything(workspace) : await dispensable(pipeline, workspace);
    const isKept = (each: Holding) => isUnfinished(each) && !on.yes;
    const [kept, doomed] = [holdings.filter(isKept), holdings.filter((each) => !isKept(each))];
    if (!on.json) printLines(linesOf(workspace, { kept, doomed }));
    const asks = canAsk() && !on.yes && !on.json && holdings.length > 0;
    const deletes = !on["dry-run"] && (!asks || await confirmed("Delete them?"));
    if (deletes && asks && kept.length > 0) {
      const what = count(kept.length, "checkpoint");
      if (await confirmed(`Delete ${what} of unfinished runs too, which then start over?`)) {
        doomed.push(...kept);
      }
    }
    if (deletes) await remove(workspace, doomed);
    if (on.json) printJson(record(workspace, doomed, deletes));
    else printLines([deletes ? `${bytes(bytesOf(doomed))} freed` : "Nothing is deleted"]);
    return 0;
  },
};

async function dispensable(pipeline: Pipeline, workspace: Workspace): Promise<Holding[]> {
  const holdings = await survey(pipeline, workspace);
  return holdings.filter(({ kind, use }) => use === "unneeded" || kind === "logs" || kind === "checkpoint");
}

interface Sorted {
  readonly kept: readonly Holding[];
  readonly doomed: readonly Holding[];
}

/** Lines such as `remove artifacts/.scratch/1f2e (checkpoint of train[cnn,0], 1.2 MB)`. */
function linesOf(workspace: Workspace, { kept, doomed }: Sorted): string[] {
  const told = ({ path, kind, task, bytes: size }: Holding) =>
    `${shown(workspace, path)} (${[kind, task].filter(Boolean).join(" of ")}, ${bytes(size)})`;
  return [
    ...doomed.map((each) => `remove ${told(each)}`),
    ...kept.map((each) => `keep ${told(each)}: unfinished, --yes removes it`),
    `${bytes(bytesOf(doomed))} in all`,
  ];
}

function record(workspace: Workspace, doomed: readonly Holding[], deleted: boolean) {
  const entries = doomed.map(({ kind, path, bytes, task }) => ({
    kind,
    path: shown(workspace, path),
    bytes,
    task,
  }));
  return { deleted, bytes: bytesOf(doomed), entries };
}

/** Deletes files and forgets their digests. */
export async function remove(workspace: Workspace, holdings: readonly Holding[]): Promise<void> {
  for (const { path } of holdings.filter(({ kind }) => kind === "artifact")) await keepStrays(path);
  const besides = holdings.filter(({ path }) => dirname(path) === workspace.scratch)
    .flatMap(({ path }) => [`${path}.json`, `${path}.lock`]);
  await discard(workspace, [...holdings.map(({ path }) => path), ...besides]);
  const digests = await FileDigests.open(join(workspace.cache, "digests.json"));
  digests.prune();
  await digests.save();
}
