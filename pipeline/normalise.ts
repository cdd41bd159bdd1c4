/**
 * A module's own behaviour, apart from how it is written: its syntax tree without types, comments, white space and
 * positions, without the names of the files it refers to, and without the texts it says to people. Two texts with the
 * same tree compute the same; a changed constant changes the tree.
 *
 * Types are removed by Deno's own compiler, so that what is hashed is what runs. The parsers are loaded when first
 * needed: a run with nothing to do does not pay for them.
 *
 * @module
 */
import { sha256 } from "./canonical.ts";
import type { Digest } from "./types.ts";

/** Version of the normal form: digests of another version are not comparable. */
export const NORMALISATION = 3;

/** Tag of a template that is said to people and read by no computation: ``words`Leaves of the tree` ``. */
const WORDS = "words";

/** A node of an ESTree, as far as it is looked at here. */
export interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** A module or asset that a module names. */
export interface Reference {
  readonly specifier: string;
  /** Place of its text among those of the module's references; references of the same text share it. */
  readonly rank: number;
  /** Place among the static imports, which are evaluated in that order; absent where it is loaded apart. */
  readonly order?: number;
}

/** A module by itself. */
export interface OwnCode {
  /** Digest of its text without the specifiers of its references. */
  readonly digest: Digest;
  /** References by rank; null where its syntax is unknown to our parsers, and its specifiers are in its digest. */
  readonly references: readonly Reference[] | null;
  /** Specifiers of packages whose files it reads as data. */
  readonly data: readonly string[];
  /** Its evaluation does more than declare, so it matters what is evaluated before it. */
  readonly acts: boolean;
}

/** The tree with all imports that are not written as imports of types, whether or not a value of theirs is used. */
export async function parseImports(source: string): Promise<Node | undefined> {
  return await parse(source, "strip") ?? await parse(source, "transform");
}

/** A module's syntax tree, or undefined where it cannot be parsed (a syntax our parsers do not know yet). */
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

/** The code of a module; of one that cannot be parsed its text, so that in doubt it changes too often. */
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

/** A static import, in the normal form. */
interface Import {
  readonly specifier: string;
  readonly text: string;
  readonly order: number;
}

/**
 * Imports of files by their text, in which no name of a file stands: `deno fmt` sorts them by that name. Then imports of
 * packages as they stand.
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

/** References in the order of their texts; those in the body differ by where they stand. */
function ranked(imports: readonly Import[], apart: readonly Found[]): readonly Reference[] {
  const texts = imports.map(({ text }) => text);
  return [
    ...imports.map(({ specifier, text, order }) => ({ specifier, rank: texts.indexOf(text), order })),
    ...apart.map(({ node }, i) => ({ specifier: textOf(node)!, rank: imports.length + i })),
  ];
}

/** Statements that make another module be evaluated before this one. */
export function isImport(node: Node): boolean {
  return node.type === "ImportDeclaration" || node.type === "ExportAllDeclaration" ||
    (node.type === "ExportNamedDeclaration" && Boolean(node.source));
}

/** A statement that only declares; an import of a package for nothing but its effect acts as a call does. */
function isDeclaration(node: Node): boolean {
  if (node.type === "ImportDeclaration") {
    return (node.specifiers as Node[]).length > 0 || isRelative(node.source as Node);
  }
  if (node.type === "ExpressionStatement") return node.directive !== undefined;
  if (node.type === "VariableDeclaration") return ["const", "let", "var"].includes(node.kind as string);
  return /^(Export|Function|Class|Empty)/.test(node.type);
}

/** The node of a specifier that stands in the body of a module. */
interface Found {
  readonly node: Node;
  /** What it names is read, or loaded as a worker; not imported. */
  readonly isData: boolean;
}

/** Literal `import("./x")`, `new URL("./x", import.meta.url)`, `import.meta.resolve("./x")`, `require.resolve("x")`. */
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

/** A string literal's or a template's text, if nothing in it is computed. */
export function textOf(node: Node | undefined): string | undefined {
  if (node?.type === "Literal" && typeof node.value === "string") return node.value;
  if (node?.type !== "TemplateLiteral" || (node.expressions as Node[]).length > 0) return undefined;
  return ((node.quasis as Node[])[0].value as { cooked: string }).cooked;
}

/** The order of the names in braces has no meaning. */
function importText(node: Node, names: ReadonlySet<Node>): string {
  const { specifiers = [], ...rest } = node as Node & { readonly specifiers?: readonly Node[] };
  const text = textWithout(names);
  return text(rest as Node) + specifiers.map(text).sort().join("");
}

/** Writes a node as JSON without what does not change its meaning, `names` among it. */
function textWithout(names: ReadonlySet<Node>): (node: Node) => string {
  return (node) =>
    JSON.stringify(node, function (this: Node, field: string, value: unknown) {
      if (field === "start" || field === "end" || names.has(value as Node)) return undefined;
      if (field === "quasi" && (this.tag as Node).name === WORDS) return (value as Node).expressions;
      if (this.type !== "Literal") return value;
      return field === "raw" ? undefined : field === "value" ? literal(value) : value;
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
