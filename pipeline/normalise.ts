/**
 * What a module does, apart from how it is written: its syntax tree without types, comments, white space, positions
 * and the order of its imports. Two texts with the same tree compute the same; a changed constant changes the tree.
 *
 * Imports run before all else of a module, wherever they stand in it. The order among them decides only in which
 * order the imported modules are evaluated: that is a property of the graph and has an entry of its own in the key
 * (see `evaluation.ts`).
 *
 * Types are removed by Deno's own compiler, so that what is hashed is what runs. The parsers are loaded when first
 * needed: a run with nothing to do does not pay for them.
 *
 * @module
 */
import { sha256 } from "./canonical.ts";
import type { Digest } from "./types.ts";

/** Version of the normal form: digests of another version are not comparable. */
export const NORMALISATION = 2;

/** A node of an ESTree, as far as it is looked at here. */
export interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** A module's syntax tree, or undefined where it cannot be parsed (a syntax our parsers do not know yet). */
export async function parseModule(source: string): Promise<Node | undefined> {
  return await parse(source, "transform");
}

/** The tree with all imports that are not written as imports of types, whether or not a value of theirs is used. */
export async function parseImports(source: string): Promise<Node | undefined> {
  return await parse(source, "strip") ?? await parse(source, "transform");
}

async function parse(source: string, mode: "strip" | "transform"): Promise<Node | undefined> {
  const [{ stripTypeScriptTypes }, acorn] = await Promise.all([import("node:module"), import("acorn")]);
  try {
    return acorn.parse(stripTypeScriptTypes(source, { mode }), {
      ecmaVersion: "latest",
      sourceType: "module",
      allowHashBang: true,
    }) as unknown as Node;
  } catch {
    return undefined;
  }
}

/** Digest of what a module does; of its text where it cannot be parsed, so that in doubt it changes too often. */
export function digestOfModule(source: string, tree: Node | undefined): Digest {
  return sha256(tree === undefined ? `text:${source}` : `tree:${treeText(tree)}`);
}

/** The tree as text, without what does not change its meaning. */
export function treeText(tree: Node): string {
  const [imports, rest] = partition(tree.body as Node[], isImport);
  return [...imports.map(importText).sort(), ...rest.map(nodeText)].join("\n");
}

/** Statements that make another module be evaluated before this one. */
export function isImport(node: Node): boolean {
  return node.type === "ImportDeclaration" || node.type === "ExportAllDeclaration" ||
    (node.type === "ExportNamedDeclaration" && Boolean(node.source));
}

/** The order of the names in braces has no meaning. */
function importText(node: Node): string {
  const { specifiers = [], ...rest } = node as Node & { readonly specifiers?: readonly Node[] };
  return nodeText(rest as Node) + specifiers.map(nodeText).sort().join("");
}

function partition<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}

function nodeText(node: Node): string {
  return JSON.stringify(node, function (this: unknown, field: string, value: unknown) {
    if (field === "start" || field === "end") return undefined;
    const isLiteral = (this as Node).type === "Literal";
    if (isLiteral && field === "raw") return undefined;
    if (isLiteral && field === "value") return literal(value);
    return value;
  });
}

/** JSON has no Infinity (written `1e999`), bigint or RegExp: the first must not look like null, the others have fields of their own. */
function literal(value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) return { number: String(value) };
  return typeof value === "bigint" || value instanceof RegExp ? undefined : value;
}

/** Calls `visit` on every node, parents first. */
export function walkTree(tree: Node, visit: (node: Node) => void): void {
  visit(tree);
  for (const child of Object.values(tree)) {
    if (Array.isArray(child)) child.filter(isNode).forEach((node) => walkTree(node, visit));
    else if (isNode(child)) walkTree(child, visit);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as Node).type === "string";
}
