/**
 * What a module refers to that a module graph does not list: workers and assets named by a literal URL, which of its
 * imports bring more than a default export, and in which order it imports.
 *
 * @module
 */
import { isImport, type Node, walkTree } from "./normalise.ts";

export interface References {
  /** Literal `new URL("./x", import.meta.url)` and `import.meta.resolve("./x")`. */
  readonly urls: readonly string[];
  /** Packages whose files are read as data: literal `import.meta.resolve("package/file")` and `require.resolve(…)`. */
  readonly packages: readonly string[];
  /** Specifiers imported by name, as a namespace, dynamically or re-exported. */
  readonly named: readonly string[];
  /** Specifiers imported statically, in the order in which they stand. */
  readonly imports: readonly string[];
}

/** What a syntax tree refers to. */
export function referencesOf(tree: Node): References {
  const urls: string[] = [];
  const named: string[] = [];
  walkTree(tree, (node) => {
    const url = urlLiteral(node) ?? resolveLiteral(node);
    if (url !== undefined) urls.push(url);
    const source = namedSource(node);
    if (source !== undefined) named.push(source);
  });
  return {
    urls: urls.filter((url) => url.startsWith(".")),
    packages: urls.filter((url) => !url.startsWith(".") && !/^[a-z]+:/.test(url)),
    named,
    imports: (tree.body as Node[]).filter(isImport).map(({ source }) => textOf(source as Node)!),
  };
}

/** `new URL("./x", import.meta.url)` */
function urlLiteral(node: Node): string | undefined {
  if (node.type !== "NewExpression" || (node.callee as Node).name !== "URL") return undefined;
  const [path, base] = node.arguments as Node[];
  return base !== undefined && isMeta(base, "url") ? textOf(path) : undefined;
}

/** `import.meta.resolve("./x")`, `require.resolve("package/x")` */
function resolveLiteral(node: Node): string | undefined {
  if (node.type !== "CallExpression") return undefined;
  const callee = node.callee as Node;
  if (!isMeta(callee, "resolve") && !isRequireResolve(callee)) return undefined;
  return textOf((node.arguments as Node[])[0]);
}

function isMeta(node: Node, property: string): boolean {
  return node.type === "MemberExpression" && (node.object as Node).type === "MetaProperty" &&
    (node.property as Node).name === property;
}

function isRequireResolve(node: Node): boolean {
  return node.type === "MemberExpression" && (node.object as Node).name === "require" &&
    (node.property as Node).name === "resolve";
}

/** A string literal's or a template's text, if nothing in it is computed. */
export function textOf(node: Node | undefined): string | undefined {
  if (node?.type === "Literal" && typeof node.value === "string") return node.value;
  if (node?.type !== "TemplateLiteral" || (node.expressions as Node[]).length > 0) return undefined;
  return ((node.quasis as Node[])[0].value as { cooked: string }).cooked;
}

function namedSource(node: Node): string | undefined {
  if (node.type === "ImportExpression" || node.type === "ExportAllDeclaration") {
    return textOf(node.source as Node);
  }
  if (node.type === "ExportNamedDeclaration" && node.source) return textOf(node.source as Node);
  if (node.type !== "ImportDeclaration") return undefined;
  const specifiers = node.specifiers as Node[];
  return specifiers.every(isDefault) ? undefined : textOf(node.source as Node);
}

function isDefault(specifier: Node): boolean {
  return specifier.type === "ImportDefaultSpecifier" ||
    (specifier.type === "ImportSpecifier" && (specifier.imported as Node).name === "default");
}
