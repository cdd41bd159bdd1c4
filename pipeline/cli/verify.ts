/**
 * `deno task verify`: reads every byte of every artifact again.
 *
 * @module
 */
import { join } from "node:path";
import { namesIn, walk } from "../files.ts";
import { FileDigests } from "../hash.ts";
import type { Command } from "../pipeline.ts";
import { RESERVED } from "../records.ts";
import { artifactsIn, damagedFiles } from "../store.ts";
import type { Artifact } from "../types.ts";
import { count } from "../words.ts";
import { shown, workspaceAt } from "../workspace.ts";
import { jsonFlag, printJson } from "./common.ts";

/** Reads only; the exit code is 1 where anything is damaged. */
export const verify: Command = {
  summary: "Hash every file of every artifact again, and name what is damaged",
  flags: jsonFlag,
  run: async (pipeline, args) => {
    const workspace = workspaceAt(pipeline.root);
    await Deno.mkdir(workspace.cache, { recursive: true });
    const digests = await FileDigests.open(join(workspace.cache, "digests.json"));
    const results = [];
    for await (const { dir, artifact } of artifactsIn(workspace)) {
      const damaged = artifact === undefined ? ["artifact.json"] : await problems(artifact, digests);
      results.push({
        id: artifact?.task ?? null,
        dir: shown(workspace, dir),
        digest: artifact?.digest ?? null,
        damaged,
      });
    }
    await digests.save();
    const bad = results.filter(({ damaged }) => damaged.length > 0);
    if (args.on.json) printJson(results);
    else {
      for (const { id, dir, damaged } of bad) {
        console.log(`damaged  ${id ?? "?"}: ${damaged.join(", ")} in ${dir}`);
      }
      console.log(`${count(results.length, "artifact")} read, ${bad.length} damaged`);
      if (bad.length > 0) console.log("deno task reproduce builds what it needs of them again");
    }
    return bad.length > 0 ? 1 : 0;
  },
};

/** What differs from its digest, and what nobody declared: a stage that lists its input's folder would see it. */
async function problems(artifact: Artifact, digests: FileDigests): Promise<string[]> {
  const known = new Set<string>([...Object.keys(artifact.files), ...RESERVED]);
  const strangers = namesIn(artifact.dir).length === 0 ? [] : await walk(artifact.dir);
  return [
    ...await damagedFiles(artifact, { digests, rehash: true }),
    ...strangers.filter(({ name }) => !known.has(name)).map(({ name }) => `${name} (not part of it)`),
  ];
}
