/**
 * A module's own behaviour, independent of its writing: the syntax tree without types, comments, white space,
 * positions, file names of references, and texts for people. Equal trees compute the same; a changed constant
 * changes the tree.
 *
 * Deno's own compiler removes the types, so that the hashed code is the code that runs. The parsers are
 * loaded on first use: a run with nothing to do does not need them.
 *
 * @module
 */
import { sha256 } from "../base/json.ts";
import type { Digest } from "../stage.ts";

/** Version of the normal form; digests of different versions are not comparable. */
export const NORMALISATION = 3;

/** Tag of a template with text for people, which no computation reads: ``words`Leaves of the tree` ``. */
const WORDS = "words";

/** A node of an ESTree syntax tree, as far as it is used here. */
export interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** A module or asset that a module names. */
export interface Reference {
  readonly specifier: string;
  /** Place of its text among the module's references; equal texts share it. */
  readonly rank: number;
  /** Place among the static imports, which are evaluated in that order; absent for other references. */
  readonly order?: number;
}

/** A module's own code. */
export interface OwnCode {
  /** Digest of its text without the specifiers of its references. */
  readonly digest: Digest;
  /** References by rank; null where our parsers fail, and the digest includes the specifiers. */
  readonly references: readonly Reference[] | null;
  /** Specifiers of packages whose files it reads as data. */
  readonly data: readonly string[];
  /** True where evaluating it does more than declare, so that the order of evaluation matters. */
  readonly acts: boolean;
}

/** The syntax tree with all imports except those written as type imports, used or not. */
export async function parseImports(source: string): Promise<Node | undefined> {
  return await parse(source, "strip") ?? await parse(source, "transform");
}

/** A module's syntax tree, or undefined where its syntax is unknown to our parsers. */
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

/** The code of a module. One that cannot be parsed is hashed as text, so in doubt it changes too often. */
export async function ownCode(source: string): Promise<OwnCode> {
  const tree = await parse(source, "transform");
  if (tree === undefined) {
    return { digest: sha256(`text:${source}`), references: null, data: [], acts: true };
  }
  const body = tree.body as readonly Node[];
  const rest = body.filter((node) => !isImport(node));
  const found = rest.flatMap(referencesIn);
  const names = new Set(found.map(({ node }) => node).filter(isRelative));
  const imports = importsOf(body);
  const text = [...imports.map(({ text }) => text), ...rest.map(textWithout(names))];
  return {
    digest: sha256(`tree:${text.join("\n")}`),
    references: ranked(imports, found.filter(({ isData, node }) => !isData || isRelative(node))),
    data: found.filter(({ isData, node }) => isData && isPackage(textOf(node)!)).map(({ node }) =>
      textOf(node)!
    ),
    acts: !body.every(isDeclaration),
  };
}

/** A static import in the normal form. */
interface Import {
  readonly specifier: string;
  readonly text: string;
  readonly order: number;
}

/**
 * Imports of files in the order of their texts, which hold no file name, as `deno fmt` sorts by that name;
 * then imports of packages in their written order.
 */
function importsOf(body: readonly Node[]): readonly Import[] {
  const imports = body.filter(isImport).map((node, order): Import => {
    const source = node.source as Node;
    const text = importText(node, new Set(isRelative(source) ? [source] : []));
    return { specifier: textOf(source)!, text, order };
  });
  const isOwn = ({ specifier }: Import) => specifier.startsWith(".");
  const own = imports.filter(isOwn).sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0));
  return [...own, ...imports.filter((each) => !isOwn(each))];
}

/** References in the order of their texts; those in the body in their written order. */
function ranked(imports: readonly Import[], apart: readonly Found[]): readonly Reference[] {
  const texts = imports.map(({ text }) => text);
  return [
    ...imports.map(({ specifier, text, order }) => ({ specifier, rank: texts.indexOf(text), order })),
    ...apart.map(({ node }, i) => ({ specifier: textOf(node)!, rank: imports.length + i })),
  ];
}

/** True for a statement that evaluates another module before this one. */
export function isImport(node: Node): boolean {
  return node.type === "ImportDeclaration" || node.type === "ExportAllDeclaration" ||
    (node.type === "ExportNamedDeclaration" && Boolean(node.source));
}

/** True for a statement that only declares. Importing a package only for its effect acts like a call. */
function isDeclaration(node: Node): boolean {
  if (node.type === "ImportDeclaration") {
    return (node.specifiers as Node[]).length > 0 || isRelative(node.source as Node);
  }
  if (node.type === "ExpressionStatement") return node.directive !== undefined;
  if (node.type === "VariableDeclaration") return ["const", "let", "var"].includes(node.kind as string);
  return /^(Export|Function|Class|Empty)/.test(node.type);
}

/** The node of a specifier in the body of a module. */
interface Found {
  readonly node: Node;
  /** True where the target is read or loaded as a worker, not imported. */
  readonly isData: boolean;
}

/** Literals in `import()`, `new URL(…, import.meta.url)`, `import.meta.resolve()` and `require.resolve()`. */
function referencesIn(statement: Node): Found[] {
  const found: Found[] = [];
  walkTree(statement, (node) => {
    const [name, isData] = node.type === "ImportExpression"
      ? [node.source as Node, false]
      : [urlArgument(node) ?? resolveArgument(node), true];
    if (textOf(name) !== undefined) found.push({ node: name!, isData });
  });
  return found;
}

function urlArgument(node: Node): Node | undefined {
  if (node.type !== "NewExpression" || (node.callee as Node).name !== "URL") return undefined;
  const [path, base] = node.arguments as Node[];
  return base !== undefined && isMember(base, "MetaProperty", "url") ? path : undefined;
}

function resolveArgument(node: Node): Node | undefined {
  if (node.type !== "CallExpression") return undefined;
  const callee = node.callee as Node;
  const isResolve = isMember(callee, "MetaProperty", "resolve") ||
    (isMember(callee, "Identifier", "resolve") && (callee.object as Node).name === "require");
  return isResolve ? (node.arguments as Node[])[0] : undefined;
}

function isMember(node: Node, object: string, property: string): boolean {
  return node.type === "MemberExpression" && (node.object as Node).type === object &&
    (node.property as Node).name === property;
}

function isRelative(node: Node): boolean {
  return textOf(node)?.startsWith(".") ?? false;
}

function isPackage(specifier: string): boolean {
  return !specifier.startsWith(".") && !/^[a-z]+:/.test(specifier);
}

/** The text of a string literal or a template, if nothing in it is computed. */
export function textOf(node: Node | undefined): string | undefined {
  if (node?.type === "Literal" && typeof node.value === "string") return node.value;
  if (node?.type !== "TemplateLiteral" || (node.expressions as Node[]).length > 0) return undefined;
  return ((node.quasis as Node[])[0].value as { cooked: string }).cooked;
}

/** An import as text, with the names in braces sorted, as their order has no meaning. */
function importText(node: Node, names: ReadonlySet<Node>): string {
  const { specifiers = [], ...rest } = node as Node & { readonly specifiers?: readonly Node[] };
  const text = textWithout(names);
  return text(rest as Node) + specifiers.map(text).sort().join("");
}

/** Writes a node as JSON without the fields that do not change its meaning, and without `names`. */
function textWithout(names: ReadonlySet<Node>): (node: Node) => string {
  return (node) =>
    JSON.stringify(node, function (this: Node, field: string, value: unknown) {
      if (field === "start" || field === "end" || names.has(value as Node)) return undefined;
      if (field === "quasi" && (this.tag as Node).name === WORDS) return (value as Node).expressions;
      if (this.type !== "Literal") return value;
      return field === "raw" ? undefined : field === "value" ? literal(value) : value;
    });
}

/** A literal's value for JSON. Infinity (`1e999`) must not become null; bigint and RegExp have own fields. */
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
