/**
 * Parses a profile's text and locates every fault. A repeated field is a fault too: JSON parsers silently
 * take the last one.
 *
 * @module
 */
import jsonc, { type Node, type ParseError } from "jsonc-parser";
import { UsageError } from "../base/errors.ts";
import type { ProfileData } from "../workflow.ts";

/** Descriptions of the JSON parser's errors. */
const WRONG: Readonly<Record<string, string>> = {
  InvalidSymbol: "this is no JSON value",
  InvalidNumberFormat: "this is no JSON number",
  PropertyNameExpected: "expected a name in double quotes",
  ValueExpected: "expected a value",
  ColonExpected: 'expected ":"',
  CommaExpected: 'expected "," before what follows',
  CloseBraceExpected: 'expected "," or "}"',
  CloseBracketExpected: 'expected "," or "]"',
  EndOfFileExpected: "expected nothing behind the end",
  InvalidCommentToken: "JSON has no comments",
  UnexpectedEndOfComment: "JSON has no comments",
  UnexpectedEndOfString: "a text ends without its quotes",
  InvalidUnicode: "this is no character",
  InvalidEscapeCharacter: "this is no escape sequence",
  InvalidCharacter: "this character has to be written as an escape sequence",
};

/** The deepest nesting of braces and brackets; a profile has five levels. */
const DEEPEST = 100;

/** Parses a profile without its byte order mark. Throws a UsageError. */
export function parseProfileText(text: string, name: string): ProfileData {
  const fail = (found: string) => new UsageError(`Cannot parse profile "${name}": ${found}`);
  if (/[\0\ufffd]/.test(text)) throw fail("it is no UTF-8 text, save it as UTF-8");
  const json = text.replace(/^\ufeff/, "");
  if (json.trim() === "") throw fail("it is empty, expected a JSON object");
  if (depthOf(json) > DEEPEST) throw fail(`its braces are more than ${DEEPEST} levels deep`);
  const errors: ParseError[] = [];
  const tree = jsonc.parseTree(json, errors, { disallowComments: true, allowTrailingComma: false });
  if (errors.length > 0) throw fail(`it is not JSON: ${inWords(json, errors[0])}`);
  const twice = tree && repeated(tree);
  if (twice) {
    const lines = twice.nodes.map(({ offset }) => placeOf(json, offset).line);
    throw fail(`${twice.path} is there twice, in lines ${lines.join(" and ")}, keep one`);
  }
  const data: unknown = JSON.parse(json, (key, value) => {
    if (value !== Infinity && value !== -Infinity) return value;
    throw fail(`the number of ${key} is too large`);
  });
  if (typeof data === "object" && data !== null && !Array.isArray(data)) return data as ProfileData;
  throw fail(`it is ${brief(json.trim())}, expected a JSON object`);
}

function inWords(text: string, { error, offset }: ParseError): string {
  const code = jsonc.printParseErrorCode(error);
  const { line, column } = placeOf(text, offset);
  const isComma = code === "PropertyNameExpected" && /,\s*$/.test(text.slice(0, offset));
  const found = offset >= text.trimEnd().length
    ? "at the end"
    : `at ${brief(text.slice(offset).split(/[ \t\r\n]/)[0])}`;
  return `line ${line}, column ${column}, ${found}: ${WRONG[code] ?? "this is no JSON"}` +
    (isComma ? " after the comma, remove it if nothing is to follow" : "");
}

/** Line and column of an offset, counted from 1. */
function placeOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const lines = text.slice(0, offset).split("\n");
  return { line: lines.length, column: lines[lines.length - 1].length + 1 };
}

/** The first field that an object repeats, with both positions. */
function repeated(
  node: Node,
  path: readonly (string | number)[] = [],
): { readonly path: string; readonly nodes: readonly Node[] } | undefined {
  const seen = new Map<string, Node>();
  for (const [i, child] of (node.children ?? []).entries()) {
    if (node.type === "array") {
      const inner = repeated(child, [...path, i]);
      if (inner) return inner;
      continue;
    }
    const [key, value] = child.children!;
    const before = seen.get(key.value);
    if (before) return { path: [...path, key.value].join("."), nodes: [before, key] };
    seen.set(key.value, key);
    const inner = repeated(value, [...path, key.value]);
    if (inner) return inner;
  }
}

/** Depth of nesting. Braces in strings count too, which does no harm. */
function depthOf(text: string): number {
  let [depth, deepest] = [0, 0];
  for (const letter of text) {
    if (letter === "{" || letter === "[") deepest = Math.max(deepest, ++depth);
    else if (letter === "}" || letter === "]") depth--;
  }
  return deepest;
}

function brief(text: string): string {
  return JSON.stringify(text.length > 30 ? `${text.slice(0, 30)}…` : text);
}
