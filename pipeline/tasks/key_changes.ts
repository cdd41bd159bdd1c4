/**
 * Reasons to run a task: the difference between two keys, part by part, as data and in words.
 *
 * @module
 */
import type { PartialKey } from "./key.ts";
import type { Artifact, Json, Key } from "../stage.ts";

/** A key, and the modules behind its code. */
export interface Keyed extends Pick<Artifact, "modules"> {
  /** The key as far as it is known. */
  readonly key: PartialKey;
}

/** A part of a key that differs, with its value before and after; null where it is absent. */
export interface Change {
  readonly part: "config" | "code" | "package" | "input" | "environment";
  /** Name of the field, module, package, input or environment fact. */
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

/**
 * The changes from an old key to a new one. Unknown inputs are left out. `environment` is compared only with
 * `strict`.
 */
export function changes(
  { key: before, modules: old = {} }: Keyed,
  { key: after, modules: now = {} }: Keyed,
  options: { readonly strict?: boolean } = {},
): readonly Change[] {
  const code = mapChanges("code", before.code, after.code);
  const modules = code.length > 0 ? moduleChanges(old, now) : [];
  return [
    ...configChanges(before, after),
    ...(modules.length > 0 ? modules : code.map(rewired)),
    ...packageChanges(before.packages, after.packages),
    ...inputChanges(before.inputs, after.inputs),
    ...(options.strict ? mapChanges("environment", before.environment, after.environment) : []),
  ];
}

/** The same changes in words: `config changed: train.epochs 5 → 6`. */
export function differences(
  before: Keyed,
  after: Keyed,
  options: { readonly strict?: boolean } = {},
): string[] {
  return changes(before, after, options).map(inWords);
}

/** Changes of the environment in words: `environment changed: backend wasm 4.22.0 → cpu 4.22.0`. */
export function environmentChanges(before: Key["environment"], after: Key["environment"]): string[] {
  return mapChanges("environment", before, after).map(inWords);
}

/** A change in words. A changed module appears by name; {@linkcode inDetail} adds its digests. */
export function inWords({ part, name, before, after }: Change): string {
  if (part === "config") return `config changed: ${name} ${before ?? "absent"} → ${after ?? "absent"}`;
  if (part === "environment") return `environment changed: ${name} ${before ?? "none"} → ${after ?? "none"}`;
  if (part === "input") return `input changed: ${name} ${short(before)} → ${short(after)}`;
  if (before === null) return `${part} added: ${name}`;
  if (after === null) return `${part} removed: ${name}`;
  if (part === "code") return `code changed: ${name}`;
  return after.startsWith(`${packageName(name)}@`)
    ? `package changed: ${name} → ${after}`
    : `package changed: ${name} has other bytes (integrity ${before} → ${after})`;
}

/** A change in words with its old and new value. */
export function inDetail(change: Change): string {
  const { part, before, after } = change;
  const digests = part === "code" ? ` ${short(before)} → ${short(after)}` : "";
  return inWords(change) + digests;
}

/** Modules that changed, appeared or disappeared, without those that only moved. */
function moduleChanges(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): Change[] {
  const found = mapChanges("code", before, after);
  const moved = (change: Change) =>
    change.before === null
      ? found.some((other) => other.after === null && other.before === change.after)
      : change.after === null &&
        found.some((other) => other.before === null && other.after === change.before);
  return found.filter((change) => !moved(change));
}

/** Names a change in which all modules are the same but refer to each other differently. */
function rewired(change: Change): Change {
  return { ...change, name: `imports of the ${change.name}` };
}

function configChanges(before: PartialKey, after: PartialKey): Change[] {
  const [old, now] = [flatten(before.params), flatten(after.params)];
  const named = ({ name, ...change }: Change): Change => ({
    ...change,
    name: [after.stage, name].filter(Boolean).join("."),
  });
  return mapChanges("config", old, now).map(named);
}

/** Leaves of a value by dotted path, as JSON text. Lists of scalars are leaves: `strides [2,1] → [1,1]`. */
function flatten(value: Json, path = ""): Record<string, string> {
  const isLeaf = typeof value !== "object" || value === null ||
    (Array.isArray(value) && value.every((item) => typeof item !== "object"));
  if (isLeaf) return { [path]: JSON.stringify(value) };
  const entries = Object.entries(value as Readonly<Record<string, Json>>);
  return Object.assign(
    {},
    ...entries.map(([key, inner]) => flatten(inner, path === "" ? key : `${path}.${key}`)),
  );
}

function mapChanges(
  part: Change["part"],
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): Change[] {
  return union(before, after)
    .filter((name) => before[name] !== after[name])
    .map((name) => ({ part, name, before: before[name] ?? null, after: after[name] ?? null }));
}

/** Changes of packages; a new version is one change, not a removal and an addition. */
function packageChanges(before: Key["packages"], after: Key["packages"]): Change[] {
  const [gone, come] = [only(before, after), only(after, before)];
  const part = "package";
  return [
    ...gone.map((id) => {
      const next = come.find((other) => packageName(other) === packageName(id));
      return { part, name: id, before: id, after: next ?? null } as const;
    }),
    ...come
      .filter((id) => !gone.some((other) => packageName(other) === packageName(id)))
      .map((id) => ({ part, name: id, before: null, after: id } as const)),
    ...Object.keys(after)
      .filter((id) => id in before && before[id] !== after[id])
      .map((id) => ({ part, name: id, before: before[id], after: after[id] } as const)),
  ];
}

/** The name in a package id: `@scope/name@1.0.0` → `@scope/name`. */
function packageName(id: string): string {
  return id.slice(0, id.indexOf("@", 1));
}

function inputChanges(before: PartialKey["inputs"], after: PartialKey["inputs"]): Change[] {
  const isUnknown = (inputs: PartialKey["inputs"], name: string) =>
    name in inputs && inputs[name] === undefined;
  return union(before, after).flatMap((name) => {
    if (isUnknown(before, name) || isUnknown(after, name) || before[name] === after[name]) return [];
    return [{ part: "input", name, before: before[name] ?? null, after: after[name] ?? null } as const];
  });
}

function short(digest: string | null): string {
  return digest?.slice(0, 8) ?? "none";
}

function only(these: object, others: object): string[] {
  return Object.keys(these).filter((key) => !(key in others));
}

function union(a: object, b: object): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
}
