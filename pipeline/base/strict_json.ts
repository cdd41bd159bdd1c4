/**
 * JSON from unknown sources: RFC 8259 without ambiguous texts, bounded before it is parsed.
 *
 * @module
 */
import { DEEPEST_VALUE, MOST_TEXT, MOST_VALUES } from "./limits.ts";

/** Brackets, colons, numbers and words, or the first quotation mark of a string. */
const TOKEN = /"|[{}[\]:]|[^\s"{}[\]:,]+/g;

/** The amount of JSON that one reader still accepts; every parsed text reduces it. */
export class Allowance {
  #characters = MOST_TEXT;
  #values = MOST_VALUES;

  /** Counts characters, depth and values; the parser finds other faults. Throws as `parseJson` does. */
  take(text: string): void {
    this.#characters -= text.length;
    if (this.#characters < 0) throw new Error(`brings all JSON to more than ${MOST_TEXT} characters`);
    let depth = 0;
    for (const token of tokens(text)) {
      if (token === "{" || token === "[") depth++;
      else if (token === "}" || token === "]") depth--;
      if (depth > DEEPEST_VALUE) throw new Error(`is nested more than ${DEEPEST_VALUE} deep`);
      if (--this.#values < 0) throw new Error(`brings all JSON to more than ${MOST_VALUES} values`);
    }
  }
}

/** Parses a text. Throws an Error whose message completes a sentence about the text. */
export function parseJson(text: string, allowance = new Allowance()): unknown {
  allowance.take(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error("is not JSON");
  }
  refuseAmbiguous(text);
  return value;
}

function* tokens(text: string): Generator<string> {
  const pattern = new RegExp(TOKEN);
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    if (match[0] === '"') pattern.lastIndex = endOfString(text, match.index);
    yield text.slice(match.index, pattern.lastIndex);
  }
}

/** Position after the closing quotation mark, before which backslashes are even, or the text's end. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let before = at;
    while (text[before - 1] === "\\") before--;
    if ((at - before) % 2 === 0) return at + 1;
  }
  return text.length;
}

/** Refuses repeated fields, `__proto__`, numbers that are too large and lone surrogates. */
function refuseAmbiguous(text: string): void {
  const open: (Set<string> | undefined)[] = [];
  let last = "";
  for (const token of tokens(text)) {
    if (token === "{") open.push(new Set());
    else if (token === "[") open.push(undefined);
    else if (token === "}" || token === "]") open.pop();
    else if (token === ":") checkField(JSON.parse(last), open.at(-1)!);
    else if (token.startsWith('"')) checkText(token);
    else if (/^[-\d]/.test(token) && !Number.isFinite(Number(token))) {
      throw new Error(`has a number that is too large, ${token.slice(0, 20)}`);
    }
    last = token;
  }
}

function checkField(name: string, fields: Set<string>): void {
  if (name === "__proto__") throw new Error("has a field that is called __proto__");
  if (fields.has(name)) throw new Error(`has a field twice, ${JSON.stringify(name.slice(0, 100))}`);
  fields.add(name);
}

function checkText(token: string): void {
  if (/\\ud[89a-f]/i.test(token) && !(JSON.parse(token) as string).isWellFormed()) {
    throw new Error("has half a character (a lone surrogate)");
  }
}
