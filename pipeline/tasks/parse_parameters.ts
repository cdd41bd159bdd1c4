/**
 * Parses sections of a profile; zod's errors become messages with the path, the value and the range.
 *
 * @module
 */
import { z } from "zod";
import { UsageError } from "../base/errors.ts";
import { suggestion } from "../base/suggestion.ts";
import { cut } from "../base/quantities.ts";

/** The position of a value, for messages. */
export interface Place {
  /** The file: `profile "quick"`. */
  readonly source: string;
  /** The section: `train`. */
  readonly path: string;
  /** Fields that the user may not state, so that no message suggests them. */
  readonly given?: readonly string[];
}

/** Parses a value and refuses fields that the schema lacks. Throws a UsageError for the first fault. */
export function parseParameters<T>(schema: z.ZodType<T>, value: unknown, place: Place): T {
  const member = memberFor(schema, value, place);
  if (member !== undefined) return parseParameters(member as z.ZodType<T>, value, place);
  const result = strict(schema).safeParse(value);
  if (result.success) return result.data as T;
  const { issues } = result.error;
  const stray = issues.find(({ code }) => code === "unrecognized_keys") as Stray | undefined;
  if (stray) throw new UsageError(unknownField(schema, { stray, place }));
  throw new UsageError(explain(schema, value, { issue: issues[0], place }));
}

/** The member of a discriminated union that a value selects, so that messages can name its fields. */
function memberFor(schema: z.ZodType, value: unknown, place: Place): z.ZodType | undefined {
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return undefined;
  const { discriminator, options } = schema.def;
  const found = isRecord(value) ? value[discriminator] : undefined;
  const fields = options.map((option) => (option as z.ZodObject).shape[discriminator] as z.ZodType);
  const at = fields.findIndex((field) => field.safeParse(found).success);
  if (at >= 0) return options[at] as z.ZodType;
  const known = fields.map((field) => String(jsonSchema(field).const));
  const state = `${pathOf(place, [discriminator])} is ${inWords(found, undefined)}`;
  throw new UsageError(
    `Cannot parse ${place.source}: ${state}, there is no such ${discriminator}` +
      suggestion(String(found), known),
  );
}

type Stray = z.core.$ZodIssueUnrecognizedKeys;

const stricter = new WeakMap<z.ZodType, z.ZodType>();

/**
 * A schema that refuses unknown fields at the top, as ignoring a misspelt field gives a wrong experiment.
 * Nested objects declare this themselves, and a test checks every stage.
 */
function strict(schema: z.ZodType): z.ZodType {
  if (!(schema instanceof z.ZodObject) || schema.def.catchall !== undefined) return schema;
  return stricter.getOrInsertComputed(schema, () => schema.strict());
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unknownField(
  schema: z.ZodType,
  { stray: { path, keys: [name] }, place }: { readonly stray: Stray; readonly place: Place },
): string {
  const given = path.length === 0 ? place.given ?? [] : [];
  const valid = Object.keys(schemaAt(jsonSchema(schema), path)?.properties ?? {});
  return `Cannot parse ${place.source}: unknown field ${pathOf(place, [...path, name])}` +
    suggestion(name, valid.filter((field) => !given.includes(field)));
}

function pathOf(place: Place, path: readonly PropertyKey[]): string {
  return [place.path, ...path].filter((part) => part !== "").map(String).join(".");
}

/** A value as JSON, except numbers that JSON would write as null. */
function shown(value: unknown): string {
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}

/** The most characters shown of a value. */
const SHOWN = 100;

function explain(
  schema: z.ZodType,
  value: unknown,
  { issue, place }: { issue: z.core.$ZodIssue; place: Place },
): string {
  const found = at(value, issue.path);
  const path = pathOf(place, issue.path);
  const node = schemaAt(jsonSchema(schema), issue.path);
  const state = `${path} is ${inWords(found, node?.default)}`;
  const wanted = expectation(node);
  const custom = issue.code === "custom" || issue.code === "invalid_format" || wanted === undefined;
  return `Cannot parse ${place.source}: ${state}, ${custom ? issue.message : `expected ${wanted}`}`;
}

function inWords(found: unknown, standard: unknown): string {
  if (found !== undefined) return cut(shown(found), SHOWN);
  return standard === undefined ? "missing" : `${cut(shown(standard), SHOWN)} by default`;
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => isRecord(inner) || Array.isArray(inner) ? Reflect.get(inner, key) : undefined,
    value,
  );
}

/** The parts of a JSON schema that a message can name. */
export interface SchemaNode {
  readonly type?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: SchemaNode;
  readonly prefixItems?: readonly SchemaNode[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
}

/** JSON schema of the values that a profile may state; fields with defaults may be left out. */
export function jsonSchema(schema: z.ZodType): SchemaNode {
  return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as SchemaNode;
}

function schemaAt(node: SchemaNode | undefined, path: readonly PropertyKey[]): SchemaNode | undefined {
  return path.reduce<SchemaNode | undefined>((inner, key) => {
    if (typeof key === "number") return inner?.prefixItems?.[key] ?? inner?.items;
    const rest = typeof inner?.additionalProperties === "object" ? inner.additionalProperties : undefined;
    return inner?.properties?.[String(key)] ?? rest;
  }, node);
}

/** The expected value: `a number in (0, 10]`, `one of "a", "b"`; undefined for too general a schema. */
function expectation(node: SchemaNode | undefined): string | undefined {
  if (node === undefined) return undefined;
  if (node.const !== undefined) return JSON.stringify(node.const);
  if (node.enum) return `one of ${node.enum.map((value) => JSON.stringify(value)).join(", ")}`;
  const choices = (node.anyOf ?? node.oneOf)?.map(expectation);
  if (choices) return choices.every((choice) => choice !== undefined) ? choices.join(" or ") : undefined;
  if (node.type === "number" || node.type === "integer") return numberRange(node);
  if (node.type === "array") return arrayRange(node);
  if (node.type === "boolean") return "true or false";
  return node.type === undefined ? undefined : `${node.type === "object" ? "an" : "a"} ${node.type}`;
}

function numberRange(node: SchemaNode): string {
  const kind = node.type === "integer" ? "an integer" : "a number";
  // zod gives every z.int() the safe integers as bounds, which no message needs.
  const low = node.exclusiveMinimum ?? beyond(node.minimum, Number.MIN_SAFE_INTEGER);
  const high = node.exclusiveMaximum ?? beyond(node.maximum, Number.MAX_SAFE_INTEGER);
  const open = node.exclusiveMinimum !== undefined;
  const shut = node.exclusiveMaximum === undefined;
  if (low === undefined && high === undefined) return kind;
  if (high === undefined) return `${kind} ${open ? ">" : "≥"} ${low}`;
  if (low === undefined) return `${kind} ${shut ? "≤" : "<"} ${high}`;
  return `${kind} in ${open ? "(" : "["}${low}, ${high}${shut ? "]" : ")"}`;
}

function beyond(bound: number | undefined, trivial: number): number | undefined {
  return bound === trivial ? undefined : bound;
}

function arrayRange({ minItems, maxItems, items }: SchemaNode): string {
  const each = expectation(items);
  const of = each === undefined ? "" : `, each ${each}`;
  if (minItems !== undefined && minItems === maxItems) return `a list of ${minItems}${of}`;
  return minItems ? `a list of at least ${minItems}${of}` : `a list${of}`;
}
