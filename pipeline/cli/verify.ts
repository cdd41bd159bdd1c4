/**
 * `deno task verify [ARCHIVE]`: reads every byte of every artifact again, or of an archive.
 *
 * @module
 */
import { join } from "node:path";
import { namesIn, walk } from "../files.ts";
import { FileDigests } from "../hash.ts";
import { UsageError } from "../errors.ts";
import type { Command, Pipeline } from "../pipeline.ts";
import { artifactsIn, damagedFiles, RESERVED } from "../store.ts";
import type { Artifact } from "../types.ts";
import { count } from "../words.ts";
import { shown, workspaceAt } from "../workspace.ts";
import { jsonFlag, printJson } from "./common.ts";
import type { ParsedFlags } from "./flags.ts";

/** Reads only; the exit code is 1 where anything is damaged. */
export const verify: Command = {
  summary: "Check every byte, digest and key of ARCHIVE, or hash every artifact of the store again",
  names: { usage: "[ARCHIVE]", least: 0, most: 1 },
  flags: {
    ...jsonFlag,
    digest: { type: "text", value: "D", help: "the digest that ARCHIVE must have, from the paper's text" },
    replay: {
      type: "switch",
      help: "draw the report by ARCHIVE's own code, sandboxed, where ours is another",
    },
  },
  run: async (pipeline, args) => {
    if (args.names.length > 0) return await verifyOne(pipeline, args);
    if (args.text.digest !== undefined || args.on.replay) {
      throw new UsageError("Cannot verify: --digest and --replay are about an ARCHIVE, name one");
    }
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

/** An archive. */
async function verifyOne(pipeline: Pipeline, { names: [path], text, on }: ParsedFlags): Promise<number> {
  const { verifyArchive } = await import("../archive/verify.ts");
  const { digest } = text;
  if (digest !== undefined && !/^[0-9a-f]{64}$/.test(digest)) {
    throw new UsageError(`Cannot verify with --digest ${digest}: expected 64 hex digits`);
  }
  const verdict = await verifyArchive(pipeline, path, { digest, replay: on.replay });
  const isSound = verdict.checks.every(({ state }) => state !== "unsound");
  if (on.json) printJson(verdict);
  else {
    for (const { name, state, note, findings } of verdict.checks) {
      console.log(`${name.padEnd(11)}${state.padEnd(9)}${note}`);
      for (const { where, problem } of findings) console.log(`  ${where}: ${problem}`);
    }
    console.log(
      `${isSound ? "The archive is sound" : "The archive is not sound"}, its digest is ${verdict.digest}`,
    );
    if (isSound && digest === undefined) {
      console.log("Compare it with the one in the paper's text, or give that as --digest");
    }
  }
  return isSound ? 0 : 1;
}

/** What differs from its digest, and what nobody declared: a stage that lists its input's folder would see it. */
async function problems(artifact: Artifact, digests: FileDigests): Promise<string[]> {
  const known = new Set<string>([...Object.keys(artifact.files), ...RESERVED]);
  const strangers = namesIn(artifact.dir).length === 0 ? [] : await walk(artifact.dir);
  return [
    ...await damagedFiles(artifact, { digests, rehash: true }),
    ...strangers.filter(({ name }) => !known.has(name)).map(({ name }) => `${name} (not part of it)`),
  ];
}
