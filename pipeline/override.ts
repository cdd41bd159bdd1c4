/**
 * `--set FIELD=VALUE`: a field of the profile, replaced for one run.
 *
 * @module
 */
import { digestOf } from "./canonical.ts";
import { UsageError } from "./errors.ts";
import type { ProfileData } from "./pipeline.ts";
import type { Json } from "./types.ts";

/** `train.epochs=3` → the profile with that field replaced. The value is JSON, or else a string. */
export function override(data: ProfileData, assignment: string): ProfileData {
  const [, field = "", text = ""] = assignment.match(/^([^=]*)=(.*)$/s) ?? [];
  const path = field.trim().split(".");
  if (path.includes("") || text.trim() === "") {
    throw new UsageError(`Cannot apply --set ${assignment}: expected FIELD=VALUE such as train.epochs=3`);
  }
  return replace(data, { path, value: valueOf(text, assignment), assignment }) as ProfileData;
}

/** A folder's name is shorter, and has no other characters than these on any disk. */
const LONGEST = 100;
const UNSAFE = /[^\w.+,=[\]-]+/g;

/** `quick+train.epochs=3`: the folder below `reports/` of a profile whose fields are set to other values. */
export function reportName(profile: string, overrides: readonly string[]): string {
  const whole = [profile, ...overrides.toSorted()].join("+");
  const safe = whole.replace(UNSAFE, "-");
  if (safe === whole && safe.length <= LONGEST) return safe;
  return `${safe.slice(0, LONGEST)}-${digestOf(overrides.toSorted()).slice(0, 8)}`;
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
  if (key === undefined) return value;
  if (inside !== undefined && inside !== null && !isRecord(inside)) {
    const field = assignment.split("=", 1)[0].trim().split(".").slice(0, -path.length).join(".");
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
