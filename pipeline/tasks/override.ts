/**
 * `--set FIELD=VALUE`: replaces a field of the profile for one run.
 *
 * @module
 */
import { digestOf } from "../base/json.ts";
import { UsageError } from "../base/errors.ts";
import type { ProfileData } from "../workflow.ts";
import type { Json } from "../stage.ts";

/** The profile with one field replaced, such as `train.epochs=3`. The value is JSON, or else a string. */
export function override(data: ProfileData, assignment: string): ProfileData {
  const [, field = "", text = ""] = assignment.match(/^([^=]*)=(.*)$/s) ?? [];
  const path = fieldsOf(field);
  if (path.includes("") || text.trim() === "") {
    throw new UsageError(`Cannot apply --set ${assignment}: expected FIELD=VALUE such as train.epochs=3`);
  }
  const value = valueOf(text, `Cannot apply --set ${assignment}`);
  return replace(data, { path, value, assignment }) as ProfileData;
}

/** Names of the fields along a path; `seeds[0]` equals `seeds.0`. */
function fieldsOf(assignment: string): string[] {
  return assignment.split("=", 1)[0].trim().replace(/\[(\d+)\]/g, ".$1").split(".");
}

/** The most characters of the profile's name and of the fields, as file systems limit names to 255 bytes. */
const LONGEST = { profile: 40, fields: 100 };
/** Characters that some file systems refuse in a name. */
const UNSAFE = /[^\w.+,=[\]-]+|\.$/g;

/** The folder below `reports/` of a profile with overrides: `quick+train.epochs=3`. */
export function reportName(profile: string, overrides: readonly string[]): string {
  const fields = [...new Set(overrides)].sort();
  const whole = [profile, ...fields].join("+");
  const safe = fields.join("+").replace(UNSAFE, "-").slice(0, LONGEST.fields);
  const name = `${profile.slice(0, LONGEST.profile)}+${safe}`;
  return name === whole ? name : `${name}-${digestOf(whole).slice(0, 8)}`;
}

/** Refuses a field that a flag, or one of two, is given for with two values. */
export function refuseContradiction(
  { set, sweep = [] }: { readonly set: readonly string[]; readonly sweep?: readonly string[] },
): void {
  const known = new Map<string, string>();
  const all = [...set.map((each) => `--set ${each}`), ...sweep.map((each) => `--sweep ${each}`)];
  for (const each of all) {
    const field = each.slice(each.indexOf(" ")).split("=", 1)[0].trim();
    const other = known.get(field);
    if (other !== undefined && other !== each) {
      throw new UsageError(`Cannot apply ${each} after ${other}: set ${field} once`);
    }
    known.set(field, each);
  }
}

/** The value of a text: JSON, or else the text itself. Throws a UsageError for a list or record with a fault. */
export function valueOf(text: string, cannot: string): Json {
  try {
    return JSON.parse(text, (_key, value) => {
      if (typeof value !== "number" || Number.isFinite(value)) return value;
      throw new UsageError(`${cannot}: the number is too large`);
    });
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (/^\s*[[{"]/.test(text)) {
      throw new UsageError(`${cannot}: ${text} is not JSON, quote it for the shell`);
    }
    return text;
  }
}

interface Replacement {
  /** The remaining fields of the path. */
  readonly path: readonly string[];
  readonly value: Json;
  readonly assignment: string;
}

function replace(inside: Json | undefined, { path, value, assignment }: Replacement): Json {
  const [key, ...rest] = path;
  if (key === undefined && !(Array.isArray(inside) && !Array.isArray(value))) return value;
  if (inside !== undefined && inside !== null && !isRecord(inside)) {
    const above = fieldsOf(assignment);
    const field = above.slice(0, above.length - path.length).join(".");
    const found = Array.isArray(inside) ? "a list" : JSON.stringify(inside);
    const whole = `--set '${field}=${JSON.stringify(inside)}'`;
    throw new UsageError(`Cannot apply --set ${assignment}: ${field} is ${found}, set it whole: ${whole}`);
  }
  if (key in Object.prototype) {
    throw new UsageError(`Cannot apply --set ${assignment}: no field is called ${key}`);
  }
  const record = inside ?? {};
  return { ...record, [key]: replace(record[key], { path: rest, value, assignment }) };
}

/** True for a value with fields. */
export function isRecord(value: Json | undefined): value is ProfileData {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
