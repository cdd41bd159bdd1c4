/**
 * `deno task verify [ARCHIVE]`: reads every byte of every artifact in the store, or of an archive.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import type { Verdict } from "../../archive/verify_archive.ts";
import { fileProblem, namesIfReadable } from "../../base/files.ts";
import { FileDigests } from "../../base/digests.ts";
import { UsageError } from "../../base/errors.ts";
import type { Command, ParsedFlags, Pipeline } from "../../workflow.ts";
import { readMemory } from "../../base/sealed_json.ts";
import { artifactsIn, damagedRecord, inspect, isEarlier } from "../../store/artifacts.ts";
import { lyingIn, straysOf } from "../../store/strays.ts";
import type { Artifact } from "../../stage.ts";
import { count } from "../../base/quantities.ts";
import { shown, type Workspace, workspaceAt } from "../../base/workspace.ts";
import { digestGiven, jsonFlag, printJson, printLines } from "../common_flags.ts";

/** A folder that was read. */
interface Verified {
  readonly id: string | null;
  readonly dir: string;
  readonly digest: string | null;
  /** The number of files in its record. */
  readonly files: number;
  /** Names of damaged files. */
  readonly damaged: readonly string[];
  /** Names of files that are missing because an archive left them out. */
  readonly absent: readonly string[];
  /** Names of harmless files that are not part of it. */
  readonly stray: readonly string[];
}

const NOTHING = { id: null, digest: null, files: 0, damaged: [], absent: [], stray: [] } as const;

/** Only reads; the exit code is 1 where anything is damaged. */
export const verify: Command = {
  summary: "Check every byte, digest and key of ARCHIVE, or hash every artifact of the store again",
  names: { usage: "[ARCHIVE]", least: 0, most: 1, paths: true },
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
    const results = [...artifacts, ...await besideArtifacts(workspace), ...memory];
    if (args.on.json) printJson(results);
    else printLines(linesOf(results, artifacts));
    return results.some(isDamaged) ? 1 : 0;
  },
};

const ADVICE = [
  "deno task reproduce builds what it needs of them again",
  '(run.json, the record of a run, comes back with "deno task stage NAME --force"; nothing rests on it)',
];

function isDamaged({ damaged }: Verified): boolean {
  return damaged.length > 0;
}

function linesOf(results: readonly Verified[], artifacts: readonly Verified[]): string[] {
  const bad = results.filter(isDamaged);
  const without = artifacts.filter(({ absent }) => absent.length > 0);
  const gone = without.filter(({ absent, files }) => absent.length === files).length;
  const absent = without.reduce((sum, { absent }) => sum + absent.length, 0);
  const parts = [
    `${count(artifacts.length - gone, "artifact")} read`,
    ...(gone > 0 ? [`${gone} not here at all`] : []),
    ...(absent > 0 ? [`${count(absent, "file")} absent that an archive left out`] : []),
    `${bad.length} damaged`,
  ];
  return [
    ...results.filter(({ stray }) => stray.length > 0).map(({ dir, stray }) =>
      `ignored  ${stray.join(", ")} in ${dir}, not part of any artifact`
    ),
    ...without.map(({ id, dir, absent }) => `absent   ${id ?? "?"}: ${absent.join(", ")} in ${dir}`),
    ...bad.map(({ id, dir, damaged }) => `damaged  ${id ?? "?"}: ${damaged.join(", ")} in ${dir}`),
    parts.join(", "),
    ...(bad.length > 0 ? ADVICE : []),
  ];
}

async function verifyArtifacts(workspace: Workspace): Promise<Verified[]> {
  const digests = await FileDigests.open(join(workspace.cache, "digests.json"));
  const results: Verified[] = [];
  for await (const { dir, artifact } of artifactsIn(workspace)) {
    results.push({
      id: artifact?.task ?? null,
      dir: shown(workspace, dir),
      digest: artifact?.digest ?? null,
      ...artifact === undefined ? await unknown(dir) : await known(artifact, digests),
    });
  }
  await digests.save();
  return results;
}

type Found = Pick<Verified, "files" | "damaged" | "absent" | "stray">;

async function known(artifact: Artifact, digests: FileDigests): Promise<Found> {
  const { damaged, absent } = await inspect(artifact, { digests, rehash: true });
  const stray = await straysOf(artifact);
  const files = Object.keys(artifact.files).length;
  return { files, damaged: [...damaged, ...await damagedRecord(artifact)], absent, stray };
}

async function unknown(dir: string): Promise<Found> {
  if (await isEarlier(dir)) {
    return { files: 0, damaged: [], absent: [], stray: ["artifact.json (of an earlier version)"] };
  }
  const problem = await fileProblem(join(dir, "artifact.json"));
  const damaged = [problem === undefined ? "artifact.json" : `artifact.json (${problem})`];
  return { files: 0, damaged, absent: [], stray: [] };
}

/** Files beside artifacts, and folders of the store that cannot be read. */
async function besideArtifacts(workspace: Workspace): Promise<Verified[]> {
  return (await lyingIn(workspace)).map(({ path, problem }) => ({
    ...NOTHING,
    dir: shown(workspace, dirname(path)),
    ...(problem === undefined
      ? { stray: [basename(path)] }
      : { damaged: [`${basename(path)} (${problem})`] }),
  }));
}

/** Damaged caches of digests and code; their readers ignore them. */
async function damagedMemory(workspace: Workspace): Promise<Verified[]> {
  const damaged: string[] = [];
  for (const name of namesIfReadable(workspace.cache).filter((name) => name.endsWith(".json"))) {
    const read = await readMemory(join(workspace.cache, name));
    if (read.type === "damaged") damaged.push(`${name} (${read.problem ?? "forgotten"})`);
  }
  if (damaged.length === 0) return [];
  return [{ ...NOTHING, dir: shown(workspace, workspace.cache), damaged }];
}

/** The most findings shown for a check, and the most characters quoted from an archive. */
const SHOWN = 50;
const LONGEST = 300;

function shortened(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** Verifies an archive. */
async function verifyOne(pipeline: Pipeline, { names: [path], text, on }: ParsedFlags): Promise<number> {
  const { verifyArchive } = await import("../../archive/verify_archive.ts");
  const digest = digestGiven(text.digest);
  const verdict = await verifyArchive(pipeline, path, { digest, replay: on.replay });
  const isSound = verdict.checks.every(({ state }) => state !== "unsound");
  if (on.json) printJson(verdict);
  else printLines(verdictLines(verdict, { isSound, isNamed: digest !== undefined }));
  return isSound ? 0 : 1;
}

function verdictLines(
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
