/**
 * `deno task restore ARCHIVE`: puts an archive's artifacts into the store.
 *
 * @module
 */
import { restoreArchive } from "../../archive/restore_artifacts.ts";
import { StoreLock } from "../../store/lock.ts";
import type { Command } from "../../workflow.ts";
import { recover } from "../../store/recover.ts";
import { count } from "../../base/quantities.ts";
import { shown, workspaceAt } from "../../base/workspace.ts";
import { digestGiven, printJson, printLines } from "../common_flags.ts";
import { stopOnSignals } from "../signals.ts";

/** Writes to the store; runs nothing. */
export const restore: Command = {
  summary: "Check ARCHIVE and put its artifacts into the store",
  names: { usage: "ARCHIVE", least: 1, most: 1, paths: true },
  flags: {
    digest: { type: "text", value: "D", help: "the digest that ARCHIVE must have, from the paper's text" },
    replace: { type: "switch", help: "replace sound artifacts that have other bytes under the same key" },
    wait: { type: "switch", help: "wait while another run writes to the store" },
    json: { type: "switch", help: "write what became of every artifact as JSON to stdout" },
  },
  run: async (pipeline, args) => {
    const digest = digestGiven(args.text.digest);
    const workspace = workspaceAt(pipeline.root);
    using _lock = await StoreLock.acquire(workspace, { command: args.line, wait: args.on.wait });
    (await recover(workspace)).forEach((message) => console.error(message));
    const restored = await restoreArchive(pipeline, args.names[0], {
      digest,
      stopping: stopOnSignals,
      replace: args.on.replace,
    });
    if (args.on.json) {
      printJson(restored.map((each) => ({ ...each, dir: shown(workspace, each.dir) })));
      return 0;
    }
    for (const { task, state, dir, elsewhere } of restored) {
      const without = elsewhere === 0 ? "" : `, without ${count(elsewhere, "large file")}`;
      printLines([`${state.padEnd(14)}  ${task} in ${shown(workspace, dir)}${without}`]);
    }
    return 0;
  },
};
