/**
 * Reads the engine's own records; a record that is damaged, forged or of another format does not count.
 *
 * @module
 */
import { z } from "zod";
import { readJsonIfAny } from "../base/files.ts";
import type { RunRecord } from "./run_record.ts";
import { readRecord } from "../base/sealed_json.ts";
import type { Artifact, Digest, Json, Key } from "../stage.ts";

/** Version of `artifact.json`. Before version 3, keys named code by its files. */
export const FORMAT = 3;

/** Files of the engine beside a task's own. */
export const RESERVED = ["artifact.json", "run.json", "elsewhere.json"] as const;

/** The content of `artifact.json`. */
export interface ArtifactFile {
  readonly format: number;
  readonly task: string;
  readonly point: Artifact["point"];
  readonly key: Key;
  readonly modules: NonNullable<Artifact["modules"]>;
  readonly files: Readonly<Record<string, { readonly digest: Digest; readonly bytes: number }>>;
  readonly meta: Artifact["meta"];
  readonly digest: Digest;
  /** Digest of all other fields; absent before the file is written. */
  readonly seal?: Digest;
}

/** The content of `elsewhere.json`: large files that an archive left out and that are available elsewhere. */
export interface ElsewhereFile {
  readonly files: readonly string[];
}

/** The owner of a folder of checkpoints, written beside it. */
export interface ScratchOwner {
  readonly task: string;
  readonly key: Key;
}

const HEX = /^[0-9a-f]{64}$/;
export const digest = z.string().regex(HEX);
/** Records of a hundred entries, of which a store has thousands. */
const textsThat = <T extends string>(fits: (text: string) => boolean) =>
  z.custom<Readonly<Record<string, T>>>((value) =>
    typeof value === "object" && value !== null && !Array.isArray(value) &&
    Object.values(value).every((text) => typeof text === "string" && fits(text))
  );
const texts = textsThat<string>(() => true);
const digests = textsThat<Digest>((text) => HEX.test(text));
/** Below the artifact's folder: a record must not make anybody read elsewhere. */
const fileName = z.string().refine((name) =>
  name !== "" && !/[\\\0]/.test(name) && !RESERVED.some((reserved) => reserved === name) &&
  name.split("/").every((part) => !["", ".", ".."].includes(part))
);

/** Any value of a text that was parsed as JSON. */
const json = z.custom<Json>((value) => value !== undefined);

const key = z.strictObject({
  stage: z.string(),
  params: z.record(z.string(), json),
  code: digests,
  packages: texts,
  inputs: digests,
  environment: texts,
});

/** Schema of `artifact.json`, which archives are checked against too. */
export const artifactFile = z.strictObject({
  format: z.literal(FORMAT),
  task: z.string(),
  point: z.record(z.string(), z.union([z.string(), z.number()])),
  key,
  modules: digests,
  files: z.record(fileName, z.strictObject({ digest, bytes: z.int().min(0) })),
  meta: json,
  digest,
  seal: digest,
});

export const elsewhereFile = z.strictObject({ files: z.array(fileName), seal: digest });

const ownerFile = z.strictObject({ task: z.string(), key });

/** Schema of the parts of `run.json` that reports, archives and estimates use. */
export const runFile = z.looseObject({
  seconds: z.number().min(0),
  peakMemory: z.number().min(0).nullable(),
  started: z.iso.datetime(),
  finished: z.iso.datetime(),
  host: z.looseObject({
    cpu: z.string(),
    cores: z.number(),
    memory: z.number(),
    os: z.string(),
    gpu: z.string().nullable(),
  }),
  deno: z.string(),
  backend: z.string(),
  command: z.string(),
  commit: z.string().nullable(),
  records: z.record(z.string(), json),
});

/** The content of an `artifact.json`, or undefined where there is no usable one. */
export async function readArtifactFile(path: string): Promise<ArtifactFile | undefined> {
  const read = await readRecord<ArtifactFile>(path);
  return read.type === "sound" && matches(artifactFile, read.value) ? read.value : undefined;
}

/** Version of an `artifact.json` of any engine; undefined where it is damaged or missing. */
export async function readFormat(path: string): Promise<number | undefined> {
  const read = await readRecord<Partial<ArtifactFile>>(path);
  const format = read.type === "sound" ? read.value.format : undefined;
  return typeof format === "number" ? format : undefined;
}

/** The files that `elsewhere.json` names, or undefined where there is no usable one. */
export async function readElsewhere(path: string): Promise<readonly string[] | undefined> {
  const read = await readRecord<ElsewhereFile>(path);
  return read.type === "sound" && matches(elsewhereFile, read.value) ? read.value.files : undefined;
}

/** The owner of checkpoints, or undefined where it is unknown. */
export async function readOwner(path: string): Promise<ScratchOwner | undefined> {
  const value = await readJsonIfAny<ScratchOwner>(path);
  return matches(ownerFile, value) ? value : undefined;
}

/** The content of a `run.json`, or undefined where there is no usable one. */
export async function readRun(path: string): Promise<RunRecord | undefined> {
  const read = await readRecord<RunRecord>(path);
  return read.type === "sound" && matches(runFile, read.value) ? read.value : undefined;
}

/** True where a value fits a schema; values nested too deeply overflow the stack and do not fit. */
function matches(schema: z.ZodType, value: unknown): boolean {
  try {
    return schema.safeParse(value).success;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
