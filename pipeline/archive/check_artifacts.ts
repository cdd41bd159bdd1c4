/**
 * The artifacts of an archive against their own digests, the crate and each other.
 *
 * @module
 */
import { z } from "zod";
import { artifactDigest, folderOf } from "../key.ts";
import { canonical } from "../canonical.ts";
import {
  type ArtifactFile,
  artifactFile,
  digest,
  elsewhereFile,
  FORMAT,
  RESERVED,
  runFile,
} from "../records.ts";
import { isSealed } from "../sealed.ts";
import { isInPlace } from "../store.ts";
import type { Artifact, Json } from "../types.ts";
import { PAYLOAD } from "./bag.ts";
import { REPOSITORY } from "./contents.ts";
import { propertyValue } from "./crate_entity.ts";
import { ArchiveError } from "./names.ts";
import type { Archive, Finding } from "./open.ts";
import type { Action, ReadCrate } from "./read_crate.ts";

const sealedRun = runFile.extend({ seal: digest });

/** An action with the artifact that it left; `dir` is the folder in the bag, with a slash at its end. */
export interface Made {
  readonly action: Action;
  readonly artifact: Artifact;
  /** As it is written. */
  readonly record: ArtifactFile;
  /** What run.json holds. */
  readonly run: object;
}

/** Reads the artifact of every action. Throws an ArchiveError for one that is not of the form it must have. */
export async function readArtifacts(archive: Archive, { actions }: ReadCrate): Promise<readonly Made[]> {
  const made: Made[] = [];
  for (const action of actions) {
    const dir = PAYLOAD + action.result;
    const record = await artifactRecord(archive, `${dir}artifact.json`);
    const { task, point, key, modules, meta, digest } = record;
    const files = Object.fromEntries(
      Object.entries(record.files).map(([name, { digest }]) => [name, digest]),
    );
    const elsewhere = archive.files.has(`${dir}elsewhere.json`)
      ? (await parsed(archive, `${dir}elsewhere.json`, elsewhereFile)).files
      : undefined;
    const artifact = {
      task,
      point,
      key,
      modules,
      meta,
      digest,
      dir,
      files,
      ...(elsewhere ? { elsewhere } : {}),
    };
    made.push({ action, artifact, record, run: await parsed(archive, `${dir}run.json`, sealedRun) });
  }
  return made;
}

/** Says of a record of another version what can be done with the archive. */
async function artifactRecord(archive: Archive, name: string): Promise<ArtifactFile> {
  const { format } = Object(await archive.json(name)) as { readonly format?: unknown };
  if (typeof format === "number" && format !== FORMAT) {
    throw new ArchiveError(
      `Cannot read the archive: its artifacts are of format ${format}, expected ${FORMAT}; it holds the code that wrote ` +
        `them: unpack it and run that, "deno task verify" in data/repository`,
    );
  }
  return await parsed(archive, name, artifactFile) as ArtifactFile;
}

async function parsed<T>(archive: Archive, name: string, schema: z.ZodType<T>): Promise<T> {
  const result = schema.safeParse(await archive.json(name));
  if (result.success) return result.data;
  const [{ path, message }] = result.error.issues;
  throw new ArchiveError(`Cannot read the archive: ${name}: ${path.join(".") || "it"}: ${message}`);
}

/** Digests of files and artifacts, seals, names of folders, inputs and parameters; and what is no part of the store. */
export function artifactFindings(archive: Archive, made: readonly Made[]): readonly Finding[] {
  const byFolder = new Map(made.map(({ artifact }) => [artifact.dir, artifact]));
  return [
    ...made.flatMap((each) => [
      ...fileFindings(archive, each),
      ...recordFindings(each),
      ...inputFindings(each, byFolder),
      ...parameterFindings(each),
    ]),
    ...strangers(archive, made),
    ...emptiness(archive, made),
  ];
}

/** What of an artifact's files the archive does not hold: said, and no fault. */
export function absentFiles(
  archive: Archive,
  made: readonly Made[],
): readonly { readonly task: string; readonly file: string }[] {
  return made.flatMap(({ artifact: { task, dir, files } }) =>
    Object.keys(files).filter((file) => !archive.files.has(dir + file)).map((file) => ({ task, file }))
  );
}

/** Records alone show nothing of a run. */
function emptiness(archive: Archive, made: readonly Made[]): readonly Finding[] {
  const files = made.flatMap(({ artifact }) => Object.keys(artifact.files));
  if (files.length === 0 || absentFiles(archive, made).length < files.length) return [];
  return [{ where: STORE, problem: "has not one file of its artifacts, all are said to be elsewhere" }];
}

function fileFindings(archive: Archive, { artifact, record }: Made): readonly Finding[] {
  const { dir, files } = artifact;
  const elsewhere = new Set(artifact.elsewhere);
  const here = Object.entries(files).flatMap(([name, digest]) => {
    const where = dir + name;
    const packed = archive.files.get(where);
    if (packed === undefined) return elsewhere.has(name) ? [] : [{ where, problem: "is missing" }];
    if (archive.manifest.get(where) !== digest) return [{ where, problem: "differs from artifact.json" }];
    if (packed.bytes === record.files[name].bytes) return [];
    return [{ where, problem: `has ${packed.bytes} bytes, artifact.json says ${record.files[name].bytes}` }];
  });
  const unknown = [...elsewhere].filter((name) => !Object.hasOwn(files, name));
  return [
    ...here,
    ...unknown.map((name) => ({ where: `${dir}elsewhere.json`, problem: `names ${name}, which it has not` })),
  ];
}

/** Folder of the artifacts in the bag. */
export const STORE = `${PAYLOAD}${REPOSITORY}/artifacts/`;

/** What lies in the store and belongs to none of its artifacts: neither a file of one nor a log. */
function strangers(archive: Archive, made: readonly Made[]): readonly Finding[] {
  const places = new Set(made.map(({ artifact }) => artifact.dir.split("/").slice(0, -2).join("/")));
  const known = new Set(
    made.flatMap(({ artifact: { dir, files } }) =>
      [...Object.keys(files), ...RESERVED].map((name) => dir + name)
    ),
  );
  const isLog = (name: string) => {
    const [, place] = name.slice(STORE.length).match(/^\.logs\/([^/]+\/[^/]+)\/\d{4,9}\.log$/) ?? [];
    return place !== undefined && places.has(STORE + place);
  };
  return [...archive.files.keys()]
    .filter((name) =>
      name.startsWith(STORE) && name !== `${STORE}README.md` && !known.has(name) && !isLog(name)
    )
    .map((where) => ({ where, problem: "is not part of an artifact, nor its log" }));
}

function recordFindings({ action, artifact, record, run }: Made): readonly Finding[] {
  const { dir, task, key } = artifact;
  const where = `${dir}artifact.json`;
  const parts = dir.slice(STORE.length, -1).split("/");
  const isPlaced = dir.startsWith(STORE) && parts.length === 3 &&
    !parts.some((part) => part.startsWith(".")) &&
    isInPlace({ ...artifact, dir: dir.slice(0, -1) });
  return [
    ...(isSealed(record) ? [] : ["it does not fit its seal"]),
    ...(artifactDigest(artifact) === artifact.digest
      ? []
      : ["its digest is not that of its files and results"]),
    ...(isPlaced ? [] : [`its folder is not the one of ${task} and of its key, ${folderOf(key)}`]),
    ...(task === action.task ? [] : [`it is of ${task}, the crate says ${action.task}`]),
  ].map((problem) => ({ where, problem })).concat(
    isSealed(run) ? [] : [{ where: `${dir}run.json`, problem: "it does not fit its seal" }],
  );
}

/** The inputs of the key are the artifacts that the crate names, and their digests. */
function inputFindings(
  { action, artifact }: Made,
  byFolder: ReadonlyMap<string, Artifact>,
): readonly Finding[] {
  const where = `${artifact.dir}artifact.json`;
  const named = action.inputs.map((folder) => byFolder.get(PAYLOAD + folder)?.digest ?? folder).sort();
  const keyed = [...new Set(Object.values(artifact.key.inputs))].sort();
  if (canonical([...new Set(named)]) === canonical(keyed)) return [];
  return [{ where, problem: "the inputs of its key are not the artifacts that the crate names" }];
}

function parameterFindings({ action, artifact }: Made): readonly Finding[] {
  const params = artifact.key.params as Readonly<Record<string, Json>>;
  const keyed = Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, propertyValue(value)]),
  );
  if (canonical(keyed) === canonical(action.parameters)) return [];
  return [{
    where: `${artifact.dir}artifact.json`,
    problem: "the parameters of its key are not the values that the crate gives",
  }];
}
