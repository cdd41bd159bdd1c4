/**
 * `--set FIELD=VALUE`: a field of the profile, replaced for one run.
 *
 * @module
 */
import { digestOf } from "../base/json.ts";
import { UsageError } from "../base/errors.ts";
import type { ProfileData } from "../workflow.ts";
import type { Json } from "../stage.ts";

/** `train.epochs=3` → the profile with that field replaced. The value is JSON, or else a string. */
export function override(data: ProfileData, assignment: string): ProfileData {
  const [, field = "", text = ""] = assignment.match(/^([^=]*)=(.*)$/s) ?? [];
  const path = fieldsOf(field);
  if (path.includes("") || text.trim() === "") {
    throw new UsageError(`Cannot apply --set ${assignment}: expected FIELD=VALUE such as train.epochs=3`);
  }
  return replace(data, { path, value: valueOf(text, assignment), assignment }) as ProfileData;
}

/** Names of fields on the way to one; `seeds[0]` is what `seeds.0` is elsewhere. */
function fieldsOf(assignment: string): string[] {
  return assignment.split("=", 1)[0].trim().replace(/\[(\d+)\]/g, ".$1").split(".");
}

/** Characters of the profile's name and of the fields' at most, as no disk has names of more than 255 bytes. */
const LONGEST = { profile: 40, fields: 100 };
/** What is no good in a name on every disk. */
const UNSAFE = /[^\w.+,=[\]-]+|\.$/g;

/** `quick+train.epochs=3`: the folder below `reports/` of a profile whose fields are set to other values. */
export function reportName(profile: string, overrides: readonly string[]): string {
  const fields = [...new Set(overrides)].sort();
  const whole = [profile, ...fields].join("+");
  const safe = fields.join("+").replace(UNSAFE, "-").slice(0, LONGEST.fields);
  const name = `${profile.slice(0, LONGEST.profile)}+${safe}`;
  return name === whole ? name : `${name}-${digestOf(whole).slice(0, 8)}`;
}

/** Refuses a field that is set to two values: which one was meant is not known. */
export function refuseContradiction(overrides: readonly string[]): void {
  const known = new Map<string, string>();
  for (const each of overrides) {
    const field = each.split("=", 1)[0].trim();
    const other = known.get(field);
    if (other !== undefined && other !== each) {
      throw new UsageError(`Cannot apply --set ${each} after --set ${other}: set ${field} once`);
    }
    known.set(field, each);
  }
}

function valueOf(text: string, assignment: string): Json {
  const cannot = `Cannot apply --set ${assignment}`;
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
  /** Fields to go through yet. */
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

/** Whether a value has fields. */
export function isRecord(value: Json): value is ProfileData {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
