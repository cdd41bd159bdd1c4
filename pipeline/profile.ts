/**
 * Profiles: experiments as data. `profiles/<name>.json` names the stages, in order, with their parameters.
 *
 * @module
 */
import { join } from "node:path";
import { UsageError } from "./errors.ts";
import { namesIn, readTextIfAny } from "./files.ts";
import { suggestion } from "./nearest.ts";
import { parseParameters } from "./parameters.ts";
import type { Pipeline, ProfileData } from "./pipeline.ts";
import type { AnyStage, Json } from "./types.ts";
import { type Workspace, workspaceAt } from "./workspace.ts";

/** An experiment, read. */
export interface Profile {
  /** Of its file in `profiles/`. */
  readonly name: string;
  /** With the overrides applied. */
  readonly data: ProfileData;
  /** Stages it names, in order. */
  readonly stages: readonly AnyStage[];
}

/** Names of the profiles there are; hidden files and what editors leave behind are none. */
export function profileNames(workspace: Workspace): string[] {
  return namesIn(workspace.profiles)
    .filter((name) => /^\w.*\.json$/.test(name) && !name.endsWith(".schema.json"))
    .map((name) => name.slice(0, -".json".length));
}

/**
 * Reads a profile, applies overrides (`train.epochs=3`) and loads the stages it names. Throws a UsageError for an
 * unknown profile, bad JSON, an unknown stage or a bad field outside the stages' sections.
 */
export async function loadProfile(
  pipeline: Pipeline,
  { name, overrides }: { readonly name: string; readonly overrides: readonly string[] },
): Promise<Profile> {
  const data = overrides.reduce(override, await readProfile(pipeline, name));
  const fields = Object.keys(pipeline.header.shape);
  const header = Object.fromEntries(Object.entries(data).filter(([key]) => fields.includes(key)));
  parseParameters(pipeline.header, header, { source: `profile "${name}"`, path: "" });
  const stages: AnyStage[] = [];
  for (const stage of Object.keys(data).filter((key) => !fields.includes(key))) {
    stages.push(await loadStage(pipeline, stage, { profile: name, fields }));
  }
  return { name, data, stages };
}

async function loadStage(
  pipeline: Pipeline,
  stage: string,
  { profile, fields }: { readonly profile: string; readonly fields: readonly string[] },
): Promise<AnyStage> {
  const known = pipeline.stages();
  if (known.includes(stage)) return await pipeline.load(stage);
  throw new UsageError(
    `Cannot parse profile "${profile}": no stage "${stage}"${suggestion(stage, [...known, ...fields])}`,
  );
}

/** A profile's JSON, nothing of it checked but that it is an object. Throws a UsageError where it cannot be read. */
export async function readProfile({ root }: Pipeline, name: string): Promise<ProfileData> {
  const workspace = workspaceAt(root);
  const text = await readTextIfAny(join(workspace.profiles, `${name}.json`));
  if (text === undefined) {
    throw new UsageError(
      `Cannot read profile "${name}": no such profile${suggestion(name, profileNames(workspace))}`,
    );
  }
  try {
    const data = JSON.parse(text.replace(/^\ufeff/, ""));
    if (typeof data === "object" && data !== null && !Array.isArray(data)) return data;
  } catch (error) {
    throw new UsageError(`Cannot parse profile "${name}": it is not JSON (${(error as Error).message})`);
  }
  throw new UsageError(`Cannot parse profile "${name}": expected a JSON object`);
}

/** `train.epochs=3` → the profile with that field replaced. The value is JSON, or else a string. */
export function override(data: ProfileData, assignment: string): ProfileData {
  const split = assignment.indexOf("=");
  if (split <= 0) {
    throw new UsageError(`Cannot apply --set ${assignment}: expected FIELD=VALUE such as train.epochs=3`);
  }
  return replace(
    data,
    assignment.slice(0, split).split("."),
    valueOf(assignment.slice(split + 1)),
  ) as ProfileData;
}

function valueOf(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function replace(inside: Json | undefined, path: readonly string[], value: Json): Json {
  if (path.length === 0) return value;
  const [key, ...rest] = path;
  if (Array.isArray(inside)) {
    if (!(key in inside)) {
      throw new UsageError(`Cannot apply --set: a list of ${inside.length} has no item ${key}`);
    }
    return inside.with(Number(key), replace(inside[Number(key)], rest, value));
  }
  const record = typeof inside === "object" && inside !== null ? inside as ProfileData : {};
  return { ...record, [key]: replace(record[key], rest, value) };
}
