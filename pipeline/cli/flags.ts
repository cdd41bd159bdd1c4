/**
 * Command-line flags: declared as data, parsed strictly, shown by `--help`.
 *
 * @module
 */
import { parseArgs } from "@std/cli";
import { UsageError } from "../errors.ts";
import { suggestion } from "../nearest.ts";
import { argumentWithoutSecrets } from "../secrets.ts";

/** One flag. */
export interface Flag {
  /** `list` may be repeated. */
  readonly type: "text" | "switch" | "list";
  /** What stands for the value in the help: `P`. */
  readonly value?: string;
  /** Values that a `text` flag may have; any where absent. */
  readonly choices?: readonly string[];
  /** What it does, for `--help`. */
  readonly help: string;
}

/** By name, without the dashes. */
export type Flags = Readonly<Record<string, Flag>>;

/** A parsed command line. */
export interface ParsedFlags {
  /** Positional arguments. */
  readonly names: readonly string[];
  /** Values of `text` flags. */
  readonly text: Readonly<Record<string, string | undefined>>;
  /** `switch` flags: given or not. */
  readonly on: Readonly<Record<string, boolean>>;
  /** Values of `list` flags. */
  readonly lists: Readonly<Record<string, readonly string[]>>;
  /** As typed, for provenance, but without secrets in URLs. */
  readonly line: string;
}

/** Parses arguments. Throws a UsageError for an unknown flag, a flag without its value or a wrong number of names. */
export function parseFlags(
  args: readonly string[],
  flags: Flags,
  { command, usage = "", least = 0, most = 0 }: {
    readonly command: string;
    /** What the names are. */
    readonly usage?: string;
    readonly least?: number;
    readonly most?: number;
  },
): ParsedFlags {
  const ofType = (type: Flag["type"]) => Object.keys(flags).filter((name) => flags[name].type === type);
  const parsed = parseArgs(args.filter((arg, i) => !(i === 0 && arg === "--")), {
    string: ["_", ...ofType("text"), ...ofType("list")],
    collect: ofType("list"),
    boolean: ofType("switch"),
    unknown: (arg: string, key?: string) => {
      if (key === undefined) return true;
      throw new UsageError(`Cannot run ${command}: unknown flag ${arg}${meant(key, Object.keys(flags))}`);
    },
  });
  const names = parsed._.map(String);
  checkNames(names, { command, usage, least, most });
  const text = pick(
    ofType("text"),
    (name) => chosen(flags[name], textValue(command, name, parsed[name]), name),
  );
  const lists = pick(ofType("list"), (name) => parsed[name] as string[] ?? []);
  const on = pick(ofType("switch"), (name) => parsed[name] === true);
  return {
    names,
    text,
    lists,
    on,
    line: ["deno task", command, ...args.map(argumentWithoutSecrets).map(quoted)].join(" "),
  };
}

function meant(key: string, names: readonly string[]): string {
  return suggestion(`--${key}`, names.map((name) => `--${name}`));
}

function checkNames(
  names: readonly string[],
  { command, usage, least, most }: {
    readonly command: string;
    readonly usage: string;
    readonly least: number;
    readonly most: number;
  },
): void {
  if (names.length > most) {
    throw new UsageError(
      `Cannot run ${command}: unexpected argument "${names[most]}", see deno task ${command} --help`,
    );
  }
  if (names.length < least) {
    const wanted = usage === "NAME" ? "a NAME (a stage or a task), see deno task status" : usage;
    throw new UsageError(`Cannot run ${command}: it needs ${wanted}, see deno task ${command} --help`);
  }
}

function textValue(command: string, name: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const text = Array.isArray(value) ? String(value.at(-1)) : String(value);
  if (text === "") throw new UsageError(`Cannot run ${command}: --${name} needs a value`);
  return text;
}

function chosen({ choices }: Flag, value: string | undefined, name: string): string | undefined {
  if (value === undefined || choices === undefined || choices.includes(value)) return value;
  throw new UsageError(`Cannot use --${name} ${value}${suggestion(value, choices)}`);
}

function pick<T>(names: readonly string[], value: (name: string) => T): Record<string, T> {
  return Object.fromEntries(names.map((name) => [name, value(name)]));
}

function quoted(arg: string): string {
  return /^[\w./=:,@+-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", `'\\''`)}'`;
}

/** A whole number of at least 1. Throws a UsageError otherwise. */
export function positiveInteger(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new UsageError(`Cannot use --${flag} ${text}: expected a whole number of at least 1`);
}
