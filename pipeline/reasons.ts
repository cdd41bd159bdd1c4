/**
 * Why a task has to run, in words: the difference between two keys, part by part.
 *
 * @module
 */
import type { Digest, Json, Key } from "./types.ts";

/** A key some of whose inputs are not known yet. */
export type PartialKey = Omit<Key, "inputs"> & {
  readonly inputs: Readonly<Record<string, Digest | undefined>>;
};

/**
 * What changed from an old key to a new one: `config changed: train.epochs 5 → 6`. Inputs that are not known yet are
 * left out. `environment` is compared only where it is demanded.
 */
export function differences(
  before: Key,
  after: PartialKey,
  options: { readonly strict?: boolean } = {},
): string[] {
  return [
    ...configChanges(before, after),
    ...mapChanges("code", before.code, after.code),
    ...packageChanges(before.packages, after.packages),
    ...inputChanges(before.inputs, after.inputs),
    ...(options.strict ? environmentChanges(before.environment, after.environment) : []),
  ];
}

/** `backend: wasm 4.22.0 → cpu 4.22.0` for every part that differs. */
export function environmentChanges(before: Key["environment"], after: Key["environment"]): string[] {
  return union(before, after)
    .filter((name) => before[name] !== after[name])
    .map((name) => `environment changed: ${name} ${before[name] ?? "none"} → ${after[name] ?? "none"}`);
}

function configChanges(before: Key, after: PartialKey): string[] {
  const [old, now] = [flatten(before.params), flatten(after.params)];
  return union(old, now)
    .filter((path) => old[path] !== now[path])
    .map((path) =>
      `config changed: ${[after.stage, path].filter(Boolean).join(".")} ${old[path] ?? "absent"} → ${
        now[path] ?? "absent"
      }`
    );
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
  what: string,
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): string[] {
  return union(before, after).flatMap((name) => {
    if (before[name] === after[name]) return [];
    const verb = before[name] === undefined ? "added" : after[name] === undefined ? "removed" : "changed";
    return [`${what} ${verb}: ${name}`];
  });
}

/** A new version shows as one change, not as one package gone and another come. */
function packageChanges(before: Key["packages"], after: Key["packages"]): string[] {
  const nameOf = (id: string) => id.slice(0, id.indexOf("@", 1));
  const [gone, come] = [only(before, after), only(after, before)];
  return [
    ...gone.map((id) => {
      const next = come.find((other) => nameOf(other) === nameOf(id));
      return next === undefined ? `package removed: ${id}` : `package changed: ${id} → ${next}`;
    }),
    ...come
      .filter((id) => !gone.some((other) => nameOf(other) === nameOf(id)))
      .map((id) => `package added: ${id}`),
    ...Object.keys(after)
      .filter((id) => id in before && before[id] !== after[id])
      .map((id) => `package changed: ${id} has other bytes (integrity ${before[id]} → ${after[id]})`),
  ];
}

function inputChanges(before: Key["inputs"], after: PartialKey["inputs"]): string[] {
  return union(before, after).flatMap((name) => {
    if (name in after && after[name] === undefined) return [];
    if (before[name] === after[name]) return [];
    return [`input changed: ${name} ${short(before[name])} → ${short(after[name])}`];
  });
}

function short(digest: string | undefined): string {
  return digest?.slice(0, 8) ?? "none";
}

function only(these: object, others: object): string[] {
  return Object.keys(these).filter((key) => !(key in others));
}

function union(a: object, b: object): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
}
