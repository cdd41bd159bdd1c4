/**
 * Checks the artifacts of an archive against their own digests, the crate and each other.
 *
 * @module
 */
import { z } from "zod";
import { artifactDigest, folderOf } from "../tasks/key.ts";
import { canonical } from "../base/json.ts";
import {
  type ArtifactFile,
  artifactFile,
  digest,
  elsewhereFile,
  FORMAT,
  RESERVED,
  runFile,
} from "../store/artifact_record.ts";
import { isSealed } from "../base/sealed_json.ts";
import { artifactIn, isInPlace } from "../store/artifacts.ts";
import type { Artifact, Json } from "../stage.ts";
import { PAYLOAD } from "./crate/bag.ts";
import { REPOSITORY } from "./contents.ts";
import { propertyValue } from "./crate/crate_entity.ts";
import { ArchiveError } from "../base/file_names.ts";
import type { Archive, Finding } from "./open.ts";
import type { Action, ReadCrate } from "./crate/read_crate.ts";

const sealedRun = runFile.extend({ seal: digest });

/** An action with the artifact that it made; `dir` is the artifact's folder in the bag, ending in a slash. */
export interface Made {
  readonly action: Action;
  readonly artifact: Artifact;
  /** The content of artifact.json. */
  readonly record: ArtifactFile;
  /** The content of run.json. */
  readonly run: object;
}

/** Reads the artifact of every action. Throws an ArchiveError for a record of another form. */
export async function readArtifacts(archive: Archive, { actions }: ReadCrate): Promise<readonly Made[]> {
  const made: Made[] = [];
  for (const action of actions) {
    const dir = PAYLOAD + action.result;
    const record = await artifactRecord(archive, `${dir}artifact.json`);
    const elsewhere = archive.files.has(`${dir}elsewhere.json`)
      ? (await parsed(archive, `${dir}elsewhere.json`, elsewhereFile)).files
      : undefined;
    const artifact = { ...artifactIn(dir, record), ...(elsewhere ? { elsewhere } : {}) };
    made.push({ action, artifact, record, run: await parsed(archive, `${dir}run.json`, sealedRun) });
  }
  return made;
}

/** Reads an artifact.json. For another format version, the error says what can be done with the archive. */
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

/** Findings about digests, seals, folders, inputs, parameters, and files that belong to no artifact. */
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

/** Files of artifacts that the archive does not hold. The verdict names them; they are no fault. */
export function absentFiles(
  archive: Archive,
  made: readonly Made[],
): readonly { readonly task: string; readonly file: string }[] {
  return made.flatMap(({ artifact: { task, dir, files } }) =>
    Object.keys(files).filter((file) => !archive.files.has(dir + file)).map((file) => ({ task, file }))
  );
}

/** Refuses an archive that holds none of its artifacts' files: records alone prove nothing about a run. */
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

/** The bag's folder of artifacts. */
export const STORE = `${PAYLOAD}${REPOSITORY}/artifacts/`;

/** Findings about files in the store that are neither part of an artifact nor a log. */
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

/** The key's inputs must be the digests of the artifacts that the crate names. */
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
