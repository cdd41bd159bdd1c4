/**
 * `deno task verify [ARCHIVE]`: reads every byte of every artifact again, or of an archive.
 *
 * @module
 */
import { join } from "node:path";
import type { Verdict } from "../archive/verify.ts";
import { namesIn } from "../files.ts";
import { FileDigests } from "../hash.ts";
import { UsageError } from "../errors.ts";
import type { Command, Pipeline } from "../pipeline.ts";
import { readMemory } from "../sealed.ts";
import { artifactsIn, damagedFiles, damagedRecord } from "../store.ts";
import { count } from "../words.ts";
import { shown, type Workspace, workspaceAt } from "../workspace.ts";
import { digestGiven, jsonFlag, printJson, printLines } from "./common.ts";
import type { ParsedFlags } from "./flags.ts";

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
    const memory = await damagedMemory(workspace);
    const artifacts = await verifyArtifacts(workspace);
    const results = [...artifacts, ...memory];
    const bad = results.filter(({ damaged }) => damaged.length > 0);
    if (args.on.json) printJson(results);
    else {
      for (const { id, dir, damaged } of bad) {
        printLines([`damaged  ${id ?? "?"}: ${damaged.join(", ")} in ${dir}`]);
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

/** Findings shown a check, and characters of what they quote: lines of an archive's must not fill the screen. */
const SHOWN = 50;
const LONGEST = 300;

function shortened(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** An archive. */
async function verifyOne(pipeline: Pipeline, { names: [path], text, on }: ParsedFlags): Promise<number> {
  const { verifyArchive } = await import("../archive/verify.ts");
  const digest = digestGiven(text.digest);
  const verdict = await verifyArchive(pipeline, path, { digest, replay: on.replay });
  const isSound = verdict.checks.every(({ state }) => state !== "unsound");
  if (on.json) printJson(verdict);
  else printLines(linesOf(verdict, { isSound, isNamed: digest !== undefined }));
  return isSound ? 0 : 1;
}

function linesOf(
  { checks, digest }: Verdict,
  { isSound, isNamed }: { readonly isSound: boolean; readonly isNamed: boolean },
): string[] {
  return [
    ...checks.flatMap(({ name, state, note, findings }) => [
      `${name.padEnd(11)}${state.padEnd(9)}${note}`,
      ...findings.slice(0, SHOWN).map(({ where, problem }) => `  ${shortened(where)}: ${shortened(problem)}`),
      ...(findings.length > SHOWN ? [`  and ${findings.length - SHOWN} more, see --json`] : []),
    ]),
    `The archive is ${isSound ? "" : "not "}sound, its digest is ${digest}`,
    ...(isSound && !isNamed ? ["Compare it with the one in the paper's text, or give that as --digest"] : []),
  ];
}
