/**
 * `deno task schema`: writes the JSON schema with which editors complete profiles.
 *
 * @module
 */
import { join } from "node:path";
import type { Command } from "../../workflow.ts";
import { shown, workspaceAt } from "../../base/workspace.ts";

/** Writes `profiles/profile.schema.json`. */
export const schema: Command = {
  summary: "Write profiles/profile.schema.json from the stages' and models' own schemas",
  flags: {},
  run: async (pipeline) => {
    const workspace = workspaceAt(pipeline.root);
    const path = join(workspace.profiles, "profile.schema.json");
    await Deno.writeTextFile(path, `${JSON.stringify(await pipeline.schema(), null, 2)}\n`);
    console.log(`wrote ${shown(workspace, path)}`);
    return 0;
  },
};
