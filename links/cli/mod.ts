/**
 * A stand-in for `jsr:@std/cli` where JSR cannot be reached: `parseArgs` with the options this project uses, over the
 * tokens of `node:util`'s parseArgs. `deno unlink @std/cli` switches to the real one.
 *
 * @module
 */
import { parseArgs as tokenise } from "node:util";

/** A subset of the real `ParseOptions`; what is left out is refused by the type checker. */
export interface ParseOptions {
  /** Flags that take no value; absent ones are false. */
  readonly boolean?: readonly string[];
  /** Flags that take a value; absent ones are undefined. */
  readonly string?: readonly string[];
  /** Flags that may be repeated; always an array. */
  readonly collect?: readonly string[];
  /** Values of absent flags. */
  readonly default?: Readonly<Record<string, unknown>>;
  /** Short name → long name. */
  readonly alias?: Readonly<Record<string, string>>;
  /** Called for everything that is not declared; returning false drops it. */
  readonly unknown?: (argument: string, key?: string, value?: unknown) => unknown;
}

/** Positional arguments in `_`, the rest by name. */
// deno-lint-ignore no-explicit-any
export type Args = { _: (string | number)[] } & Record<string, any>;

/**
 * Parses command-line arguments the way `jsr:@std/cli/parse-args` does.
 *
 * @example
 * ```ts
 * import { parseArgs } from "@std/cli";
 * const args = parseArgs(["--profile", "quick", "--json"], { string: ["profile"], boolean: ["json"] });
 * // { _: [], profile: "quick", json: true }
 * ```
 */
export function parseArgs(args: string[], options: ParseOptions = {}): Args {
  const { tokens } = tokenise({
    args,
    options: declared(options),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const parsed: Args = { _: [], ...absent(options) };
  for (const token of tokens) {
    if (token.kind === "positional") positional(parsed, token.value, options);
    if (token.kind === "option") flag(parsed, token, options);
  }
  return parsed;
}

/** The long name of a flag, through `alias`, which maps either way as in the real one. */
function longName(name: string, options: ParseOptions): string {
  return options.alias?.[name] ?? name;
}

function declared(options: ParseOptions) {
  const entries = [
    ...(options.boolean ?? []).map((name) => [name, { type: "boolean" as const }] as const),
    ...(options.string ?? []).map((name) => [name, { type: "string" as const }] as const),
  ];
  const shorts = Object.entries(options.alias ?? {}).filter(([short]) => short.length === 1);
  return Object.fromEntries(entries.map(([name, kind]) => {
    const short = shorts.find(([, long]) => long === name)?.[0];
    return [name, short === undefined ? kind : { ...kind, short }];
  }));
}

function absent(options: ParseOptions): Record<string, unknown> {
  return {
    ...Object.fromEntries((options.boolean ?? []).map((name) => [name, false])),
    ...Object.fromEntries((options.collect ?? []).map((name) => [name, []])),
    ...options.default,
  };
}

function positional(parsed: Args, value: string, options: ParseOptions): void {
  if (options.unknown?.(value) !== false) parsed._.push(value);
}

function flag(
  parsed: Args,
  token: { readonly name: string; readonly rawName: string; readonly value?: string },
  options: ParseOptions,
): void {
  const name = longName(token.name, options);
  const known = options.boolean?.includes(name) || options.string?.includes(name);
  const value = options.boolean?.includes(name)
    ? token.value !== "false"
    : token.value ?? (options.string?.includes(name) ? "" : true);
  if (!known && options.unknown?.(token.rawName, name, value) === false) return;
  parsed[name] = options.collect?.includes(name) ? [...(parsed[name] ?? []), value] : value;
}
