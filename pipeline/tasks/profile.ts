/**
 * Profiles: experiments as data. `profiles/<name>.json` names the stages, in order, with their parameters.
 *
 * @module
 */
import { basename, dirname, join, resolve } from "node:path";
import { canonical } from "../base/json.ts";
import { pathFrom } from "../base/user_paths.ts";
import { UsageError } from "../base/errors.ts";
import { namesIn } from "../base/files.ts";
import { suggestion } from "../base/suggestion.ts";
import { override, refuseContradiction, reportName } from "./override.ts";
import { parseParameters } from "./parse_parameters.ts";
import { parseProfileText } from "./profile_text.ts";
import { parseSweep } from "./sweep.ts";
import type { Pipeline, ProfileData } from "../workflow.ts";
import type { AnyStage, Json } from "../stage.ts";
import { type Workspace, workspaceAt } from "../base/workspace.ts";

/** A profile as read. */
export interface Profile {
  /** Name of its file in `profiles/`. */
  readonly name: string;
  /** Folder below `reports/` for its report; a separate one where overrides or sweeps change something. */
  readonly report: string;
  /** The profile with overrides and sweeps applied. */
  readonly data: ProfileData;
  /** Its stages, in order. */
  readonly stages: readonly AnyStage[];
}

/** The profile that is used where none is named. */
export const DEFAULT_PROFILE = "quick";

/** Names of all profiles, without hidden files and leftovers of editors. */
export function profileNames(workspace: Workspace): string[] {
  return namesIn(workspace.profiles)
    .filter((name) => /^[\p{L}\p{N}_].*\.json$/u.test(name) && !name.endsWith(".schema.json"))
    .map((name) => name.slice(0, -".json".length));
}

/** Letters of any script, digits, and punctuation that every file system accepts inside a name. */
const SAFE_NAME = /^[\p{L}\p{N}_](?:[\p{L}\p{M}\p{N} ._+-]*[\p{L}\p{M}\p{N}_+-])?$/u;
/** Names that Windows reserves for devices, whatever follows the first dot. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** The profile's name for a name or a path. Throws a UsageError for a path outside `profiles/`. */
export function profileNamed({ root }: Pipeline, typed: string, here: string): string {
  if (!/[/\\]|\.json$/.test(typed)) return typed;
  const { profiles } = workspaceAt(root);
  const isBare = !/[/\\]/.test(typed);
  const paths = [here, root, ...(isBare ? [profiles] : [])].map((from) => pathFrom(from, typed));
  const path = paths.find((each) => realPathOf(dirname(each)) === realPathOf(profiles));
  if (path !== undefined) return basename(path, ".json");
  const name = basename(typed.replaceAll("\\", "/"), ".json");
  throw new UsageError(
    `Cannot use profile "${typed}": it is outside profiles/, copy it to profiles/${name}.json and name it ${name}`,
  );
}

function realPathOf(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return resolve(path);
  }
}

/** The profile to load, and how it is changed for a run. */
export interface ProfileOptions {
  /** Name of its file in `profiles/`. */
  readonly name: string;
  /** Fields that are replaced: `train.epochs=3`. */
  readonly overrides: readonly string[];
  /** Fields that are swept: `train.method=dino,byol`. @default none */
  readonly sweeps?: readonly string[];
}

/**
 * Reads a profile, applies overrides and sweeps and loads its stages. Throws a UsageError for an unknown profile, bad
 * JSON, an unknown stage or a bad field outside the stages' sections.
 */
export async function loadProfile(
  pipeline: Pipeline,
  { name, overrides, sweeps = [] }: ProfileOptions,
): Promise<Profile> {
  refuseContradiction({ set: overrides, sweep: sweeps });
  const plain = await readProfile(pipeline, name);
  const set = overrides.reduce(override, plain);
  const fields = Object.keys(pipeline.header.shape);
  const checkHeader = (data: ProfileData) => {
    const header = Object.fromEntries(Object.entries(data).filter(([key]) => fields.includes(key)));
    parseParameters(pipeline.header, header, { source: `profile "${name}"`, path: "" });
  };
  checkHeader(set);
  const stages: AnyStage[] = [];
  for (const stage of Object.keys(set).filter((key) => !fields.includes(key))) {
    stages.push(await loadStage(pipeline, stage, { profile: name, fields }));
  }
  const data = await swept(pipeline, set, sweeps);
  checkHeader(data);
  const changes = [...overrides, ...sweeps.map((sweep) => `sweep=${sweep}`)];
  const report = canonical(data as Json) === canonical(plain as Json) ? name : reportName(name, changes);
  return { name, report, data, stages };
}

async function swept(pipeline: Pipeline, data: ProfileData, sweeps: readonly string[]): Promise<ProfileData> {
  if (sweeps.length === 0) return data;
  const parsed = [...new Set(sweeps)].map(parseSweep);
  if (pipeline.sweep) return await pipeline.sweep(data, parsed);
  throw new UsageError(`Cannot apply --sweep ${sweeps[0]}: this workflow has no sweeps`);
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

/** A profile's JSON, checked only to be an object. Throws a UsageError where it cannot be read. */
export async function readProfile({ root }: Pipeline, name: string): Promise<ProfileData> {
  return parseProfileText(await profileText(workspaceAt(root), name), name);
}

/** A profile's text. Throws a UsageError for an unknown or unsafe name, which also names a report folder. */
async function profileText(workspace: Workspace, name: string): Promise<string> {
  const known = profileNames(workspace);
  const cannot = `Cannot read profile "${name}"`;
  if (!known.includes(name)) throw new UsageError(`${cannot}: no such profile${suggestion(name, known)}`);
  if (!SAFE_NAME.test(name) || DEVICE.test(name)) {
    throw new UsageError(`${cannot}: give its file a name of letters, digits, ".", "_" and "-"`);
  }
  const path = join(workspace.profiles, `${name}.json`);
  try {
    if ((await Deno.stat(path)).isFile) return await Deno.readTextFile(path);
  } catch (error) {
    throw new UsageError(`${cannot}: ${(error as Error).message}`);
  }
  throw new UsageError(`${cannot}: profiles/${name}.json is no file`);
}
