/**
 * The artifacts of an archive against their own digests, the crate and each other.
 *
 * @module
 */
import { z } from "zod";
import { artifactDigest, folderOf } from "../key.ts";
import { canonical } from "../canonical.ts";
import { FORMAT } from "../records.ts";
import type { Artifact, Digest, Json } from "../types.ts";
import { PAYLOAD } from "./bag.ts";
import { propertyValue } from "./crate_entity.ts";
import { ArchiveError } from "./names.ts";
import type { Archive, Finding } from "./open.ts";
import type { Action, ReadCrate } from "./read_crate.ts";

const digest = z.string().regex(/^[0-9a-f]{64}$/).transform((text) => text as Digest);
const digests = z.record(z.string(), digest);
const texts = z.record(z.string(), z.string());

/** artifact.json as it must be, for what a stranger wrote. */
const artifactFile = z.object({
  format: z.literal(FORMAT),
  task: z.string(),
  point: z.record(z.string(), z.union([z.string(), z.number()])),
  key: z.object({
    stage: z.string(),
    params: z.record(z.string(), z.json()),
    code: digests,
    packages: texts,
    inputs: digests,
    environment: texts,
  }),
  files: z.record(z.string(), z.object({ digest, bytes: z.int().min(0) })),
  meta: z.json(),
  digest,
});

const elsewhereFile = z.object({ files: z.array(z.string()) });

/** An action with the artifact that it left; `dir` is the folder in the bag, with a slash at its end. */
export interface Made {
  readonly action: Action;
  readonly artifact: Artifact;
}

/** Reads the artifact of every action. Throws an ArchiveError for one that is not of the form it must have. */
export async function readArtifacts(archive: Archive, { actions }: ReadCrate): Promise<readonly Made[]> {
  const made: Made[] = [];
  for (const action of actions) {
    const dir = PAYLOAD + action.result;
    const { task, point, key, meta, digest, ...file } = await parsed(
      archive,
      `${dir}artifact.json`,
      artifactFile,
    );
    const files = Object.fromEntries(Object.entries(file.files).map(([name, { digest }]) => [name, digest]));
    const elsewhere = archive.files.has(`${dir}elsewhere.json`)
      ? (await parsed(archive, `${dir}elsewhere.json`, elsewhereFile)).files
      : undefined;
    const artifact = { task, point, key, meta, digest, dir, files, ...(elsewhere ? { elsewhere } : {}) };
    made.push({ action, artifact });
  }
  return made;
}

async function parsed<T>(archive: Archive, name: string, schema: z.ZodType<T>): Promise<T> {
  const result = schema.safeParse(await archive.json(name));
  if (result.success) return result.data;
  const [{ path, message }] = result.error.issues;
  throw new ArchiveError(`Cannot read the archive: ${name}: ${path.join(".") || "it"}: ${message}`);
}

/** Digests of files and artifacts, names of folders, inputs and parameters. */
export function artifactFindings(archive: Archive, made: readonly Made[]): readonly Finding[] {
  const byFolder = new Map(made.map(({ artifact }) => [artifact.dir, artifact]));
  return made.flatMap((each) => [
    ...fileFindings(archive, each.artifact),
    ...recordFindings(each),
    ...inputFindings(each, byFolder),
    ...parameterFindings(each),
  ]);
}

function fileFindings(archive: Archive, { dir, files, elsewhere = [] }: Artifact): readonly Finding[] {
  const expected = Object.entries(files).flatMap(([name, digest]) => {
    const found = archive.manifest.get(dir + name);
    if (found === digest || (found === undefined && elsewhere.includes(name))) return [];
    return [{ where: dir + name, problem: found ? "differs from artifact.json" : "is missing" }];
  });
  const known = new Set([...Object.keys(files), "artifact.json", "run.json", "elsewhere.json"]);
  const strangers = [...archive.files.keys()].filter((name) =>
    name.startsWith(dir) && !known.has(name.slice(dir.length))
  );
  return [...expected, ...strangers.map((where) => ({ where, problem: "is not part of its artifact" }))];
}

function recordFindings({ action, artifact }: Made): readonly Finding[] {
  const where = `${artifact.dir}artifact.json`;
  const folder = artifact.dir.split("/").at(-2);
  return [
    ...(artifactDigest(artifact) === artifact.digest
      ? []
      : ["its digest is not that of its files and results"]),
    ...(folderOf(artifact.key) === folder
      ? []
      : [`its folder is not named by its key, ${folderOf(artifact.key)}`]),
    ...(artifact.task === action.task ? [] : [`it is of ${artifact.task}, the crate says ${action.task}`]),
  ].map((problem) => ({ where, problem }));
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
