/**
 * `deno task verify`: reads every byte of every artifact again.
 *
 * @module
 */
import { join } from "node:path";
import { namesIn } from "../files.ts";
import { FileDigests } from "../hash.ts";
import type { Command } from "../pipeline.ts";
import { readMemory } from "../sealed.ts";
import { artifactsIn, damagedFiles, damagedRecord } from "../store.ts";
import { count } from "../words.ts";
import { shown, type Workspace, workspaceAt } from "../workspace.ts";
import { jsonFlag, printJson } from "./common.ts";

/** One folder that was read. */
interface Verified {
  readonly id: string | null;
  readonly dir: string;
  readonly digest: string | null;
  /** Names of what is wrong. */
  readonly damaged: readonly string[];
}

/** Reads only; the exit code is 1 where anything is damaged. */
export const verify: Command = {
  summary: "Hash every file of every artifact again, and name what is damaged",
  flags: jsonFlag,
  run: async (pipeline, args) => {
    const workspace = workspaceAt(pipeline.root);
    const memory = await damagedMemory(workspace);
    const artifacts = await verifyArtifacts(workspace);
    const results = [...artifacts, ...memory];
    const bad = results.filter(({ damaged }) => damaged.length > 0);
    if (args.on.json) printJson(results);
    else {
      for (const { id, dir, damaged } of bad) {
        console.log(`damaged  ${id ?? "?"}: ${damaged.join(", ")} in ${dir}`);
      }
      console.log(`${count(artifacts.length, "artifact")} read, ${bad.length} damaged`);
      if (bad.length > 0) console.log(ADVICE);
    }
    return bad.length > 0 ? 1 : 0;
  },
};

const ADVICE = `deno task reproduce builds what it needs of them again
(run.json, the record of a run, comes back with "deno task stage NAME --force"; nothing rests on it)`;

async function verifyArtifacts(workspace: Workspace): Promise<Verified[]> {
  const digests = await FileDigests.open(join(workspace.cache, "digests.json"));
  const results: Verified[] = [];
  for await (const { dir, artifact } of artifactsIn(workspace)) {
    const damaged = artifact === undefined ? ["artifact.json"] : [
      ...await damagedFiles(artifact, { digests, rehash: true }),
      ...await damagedRecord(artifact),
    ];
    results.push({
      id: artifact?.task ?? null,
      dir: shown(workspace, dir),
      digest: artifact?.digest ?? null,
      damaged,
    });
  }
  await digests.save();
  return results;
}

/** Remembered digests and code that are not what was written: forgotten by whoever reads them. */
async function damagedMemory(workspace: Workspace): Promise<Verified[]> {
  const damaged: string[] = [];
  for (const name of namesIn(workspace.cache).filter((name) => name.endsWith(".json"))) {
    const { type } = await readMemory(join(workspace.cache, name));
    if (type === "damaged") damaged.push(`${name} (forgotten)`);
  }
  if (damaged.length === 0) return [];
  return [{ id: null, dir: shown(workspace, workspace.cache), digest: null, damaged }];
}
