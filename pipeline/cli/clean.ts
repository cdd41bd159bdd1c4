/**
 * `deno task clean`: what `gc` deletes, and all logs and checkpoints with it; those of unfinished runs only where that is
 * agreed to.
 *
 * @module
 */
import { StoreLock } from "../lock.ts";
import type { Command, Pipeline } from "../pipeline.ts";
import { everything, type Holding, isUnfinished, survey } from "../survey.ts";
import { count } from "../words.ts";
import { type Workspace, workspaceAt } from "../workspace.ts";
import { confirmed, printLines } from "./common.ts";
import type { ParsedFlags } from "./flags.ts";
import { holdingLine, removalLines, remove } from "./removal.ts";

/** Keeps each task's current artifact, or the last one where it is stale. */
export const clean: Command = {
  summary: "Remove what gc does, and all logs and checkpoints, without asking (but for unfinished runs)",
  flags: {
    all: { type: "switch", help: "remove every artifact: all has to be computed again" },
    yes: {
      type: "switch",
      help: "remove checkpoints of unfinished runs too: they start over (at a terminal it asks)",
    },
    "dry-run": { type: "switch", help: "say what would be removed" },
    wait: { type: "switch", help: "wait while another run writes to the store" },
  },
  run: async (pipeline, args) => {
    const workspace = workspaceAt(pipeline.root);
    using _lock = await StoreLock.acquire(workspace, { command: args.line, wait: args.on.wait });
    const holdings = args.on.all ? await everything(workspace) : await dispensable(pipeline, workspace);
    const unfinished = holdings.filter(isUnfinished);
    const kept = new Set(await isAgreed(unfinished, args) ? [] : unfinished);
    const doomed = holdings.filter((each) => !kept.has(each));
    if (!args.on["dry-run"]) await remove(workspace, doomed);
    const [verb, keeps] = args.on["dry-run"]
      ? ["would remove", "would keep"] as const
      : ["removed", "kept"] as const;
    printLines([
      ...removalLines(workspace, doomed, verb),
      ...[...kept].map((each) => `${keeps} ${holdingLine(workspace, each)}: unfinished, --yes removes it`),
    ]);
    return 0;
  },
};

async function isAgreed(unfinished: readonly Holding[], { on }: ParsedFlags): Promise<boolean> {
  if (on.yes || unfinished.length === 0) return on.yes;
  if (on["dry-run"]) return false;
  const what = count(unfinished.length, "checkpoint");
  return await confirmed(`Remove ${what} of unfinished runs too, which then start over?`);
}

async function dispensable(pipeline: Pipeline, workspace: Workspace): Promise<Holding[]> {
  const holdings = await survey(pipeline, workspace);
  return holdings.filter(({ kind, use }) => use === "unneeded" || kind === "logs" || kind === "checkpoint");
}
