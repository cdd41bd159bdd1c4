/**
 * Valid bytes, mutated: bits flipped, parts cut, doubled, moved, and numbers in them replaced by awkward ones.
 *
 * @module
 */
import fc from "fast-check";
import { assert, assertMatch } from "@std/assert";

/** Cases of one subject, with a fixed seed, so that a failure comes back. */
export function cases(runs: number): fc.Parameters<unknown> {
  return { numRuns: runs, seed: 20261124, endOnFailure: true };
}

type Mutation = (bytes: Uint8Array) => Uint8Array;

const position = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const awkward = [
  "-1",
  "0",
  "1e99",
  "99999999999999999999",
  "4294967296",
  "null",
  "{}",
  "[]",
  '""',
  "0.5",
  "1e400",
];

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(position, fc.nat(7)).map(([at, bit]) => (bytes: Uint8Array) => {
    const copy = bytes.slice();
    if (copy.length > 0) copy[Math.floor(at * copy.length)] ^= 1 << bit;
    return copy;
  }),
  fc.tuple(position, fc.uint8Array({ minLength: 1, maxLength: 8 })).map(
    ([at, bytes]) => (old: Uint8Array) => {
      const copy = old.slice();
      const start = Math.floor(at * copy.length);
      copy.set(bytes.subarray(0, copy.length - start), start);
      return copy;
    },
  ),
  position.map((at) => (bytes: Uint8Array) => bytes.slice(0, Math.floor(at * bytes.length))),
  fc.tuple(position, position).map(([a, b]) => (bytes: Uint8Array) => {
    const [from, to] = [a, b].sort((x, y) => x - y).map((x) => Math.floor(x * bytes.length));
    return joined(bytes.subarray(0, to), bytes.subarray(from));
  }),
  fc.uint8Array({ minLength: 1, maxLength: 8 }).map((tail) => (bytes: Uint8Array) => joined(bytes, tail)),
  fc.tuple(position, fc.constantFrom(...awkward)).map(([at, text]) => (bytes: Uint8Array) =>
    numberReplaced(bytes, at, text)
  ),
);

/** Bytes after one to three mutations. */
export function mutated(bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  return fc.tuple(bytes, fc.array(mutation, { minLength: 1, maxLength: 3 }))
    .map(([start, mutations]) => new Uint8Array(mutations.reduce((now, mutate) => mutate(now), start)));
}

/** Replaces a run of digits near a place, such as a length or a shape in a header, by another text. */
function numberReplaced(bytes: Uint8Array, at: number, text: string): Uint8Array {
  const latin = Array.from(bytes.subarray(0, 2000), (byte) => String.fromCharCode(byte)).join("");
  const numbers = [...latin.matchAll(/\d+/g)];
  if (numbers.length === 0) return bytes;
  const { index, 0: digits } = numbers[Math.floor(at * numbers.length)];
  return joined(
    joined(bytes.subarray(0, index), new TextEncoder().encode(text)),
    bytes.subarray(index + digits.length),
  );
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** Fails unless an error says, in the form of this house, which action failed. */
export function assertExplained(error: unknown): void {
  assert(error instanceof Error, `${error} is no Error`);
  // V8's own messages start with "Cannot" as well.
  const isOwn = ["Error", "UsageError"].includes(error.name);
  assert(isOwn, `${error.name}: ${error.stack}`);
  assertMatch(error.message, /^Cannot \S.*[^.]$/s, error.stack);
}

/** Result of a reader on some input, or undefined where it refuses the input with an explanation. */
export async function attempt<T>(read: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    assertExplained(error);
    return undefined;
  }
}

/** JSON values that a reader does not expect. */
const strange: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(
    null,
    true,
    0,
    -1,
    0.5,
    1e308,
    2 ** 53,
    2 ** 32,
    "",
    "x",
    [],
    {},
    [[]],
    [null],
    "../../x",
    "__proto__",
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

/** A JSON value, with one to three of its parts replaced, removed, renamed, doubled or added. */
export function mutatedJson(values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const change = fc.record({
    at: position,
    how: fc.constantFrom("replace", "remove", "rename", "add"),
    name: fc.constantFrom("__proto__", "constructor", "toString", "length", "x", "0", ""),
    value: strange,
  });
  return fc.tuple(values, fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([value, changes]) => changes.reduce<unknown>((now, change) => changed(now, change), value));
}

interface Change {
  readonly at: number;
  readonly how: string;
  readonly name: string;
  readonly value: unknown;
}

function changed(value: unknown, { at, how, name, value: other }: Change): unknown {
  const copy = structuredClone(value);
  const places = placesIn(copy);
  if (places.length === 0) return other;
  const { parent, key } = places[Math.floor(at * places.length)];
  const old = Reflect.get(parent, key);
  if (how === "replace") put(parent, key, other);
  else if (how === "add") put(parent, name, other);
  else if (Array.isArray(parent)) parent.splice(Number(key), how === "remove" ? 1 : 0, old);
  else {
    Reflect.deleteProperty(parent, key);
    if (how === "rename") put(parent, name, old);
  }
  return copy;
}

/** Sets a property; in an array a name that is no index appends, since JSON gives arrays only indices. */
function put(parent: object, key: string, value: unknown): void {
  if (Array.isArray(parent) && !/^\d+$/.test(key)) {
    parent.push(value);
    return;
  }
  Object.defineProperty(parent, key, { value, enumerable: true, configurable: true, writable: true });
}

function placesIn(value: unknown): { readonly parent: object; readonly key: string }[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [{ parent: value, key }, ...placesIn(inner)]);
}
