/**
 * Command-line flags: declared as data, parsed strictly, shown by `--help`.
 *
 * @module
 */
import { parseArgs } from "@std/cli";
import { UsageError } from "../base/errors.ts";
import { pathFrom } from "../base/user_paths.ts";
import { nearest, suggestion } from "../base/suggestion.ts";
import { argumentWithoutSecrets } from "../base/secrets.ts";
import type { Flag, Flags, ParsedFlags } from "../workflow.ts";

/** The names that a command expects beside its flags. */
export interface Expected {
  readonly command: string;
  /** The names as the help shows them. */
  readonly usage?: string;
  /** @default 0 */
  readonly least?: number;
  /** @default 0 */
  readonly most?: number;
  /** True where the names are paths of files. @default false */
  readonly paths?: boolean;
  /** The base of relative paths. @default the working directory */
  readonly here?: string;
}

/** A flag that resembles none of the command's flags; the caller may know where it belongs. */
export class UnknownFlagError extends UsageError {
  /** `flag` comes without its dashes. */
  constructor(message: string, readonly flag: string) {
    super(message);
  }
}

/** Parses arguments. Throws a UsageError for any that are not as declared: no misread flag may run. */
export function parseFlags(args: readonly string[], flags: Flags, expected: Expected): ParsedFlags {
  const { command, paths = false, here = Deno.cwd() } = expected;
  const typed = args[0] === "--" ? args.slice(1) : [...args];
  refuseMisread(command, typed, flags);
  const ofType = (...types: Flag["type"][]) =>
    Object.keys(flags).filter((name) => types.includes(flags[name].type));
  const parsed = parseArgs(typed, {
    string: ["_", ...ofType("text", "path", "list")],
    boolean: ofType("switch"),
    collect: Object.keys(flags),
    unknown: (arg: string, name?: string) => {
      if (name === undefined) return true;
      throw unknownFlag(command, { name, typed: arg.split("=", 1)[0] }, flags);
    },
  });
  const names = parsed._.map(String);
  checkNames(names, expected);
  const values = <T>(types: readonly Flag["type"][], read: (name: string) => T) =>
    Object.fromEntries(ofType(...types).map((name) => [name, read(name)]));
  const once = <T>(name: string) => only(command, name, parsed[name] as T[]);
  return {
    names: paths ? names.map((name) => pathFrom(here, name)) : names,
    text: values(["text", "path"], (name) => {
      const value = once<string>(name);
      return value === undefined ? undefined : meaning(flags[name], { name, value, here });
    }),
    on: values(["switch"], (name) => once<boolean>(name) ?? false),
    lists: values(["list"], (name) => parsed[name] as string[]),
    line: ["deno task", command, ...args.map(argumentWithoutSecrets).map(quoted)].join(" "),
    here,
  };
}

/** The last value of one flag, on a command line whose other flags are not known yet. */
export function peek(args: readonly string[], name: string): string | undefined {
  const values = parseArgs([...args], { string: [name], collect: [name] })[name] as string[];
  return values.at(-1) || undefined;
}

/** A flag as the user typed it. */
interface Typed {
  readonly name: string;
  /** The text after its equals sign. */
  readonly value?: string;
  /** The next argument. */
  readonly next?: string;
}

/** Refuses arguments that `parseArgs` misreads: `--dry-run=yes` as true, `--out --all` as an empty name. */
function refuseMisread(command: string, args: readonly string[], flags: Flags): void {
  const end = args.indexOf("--");
  for (const [i, arg] of args.slice(0, end < 0 ? args.length : end).entries()) {
    const [, name = "", value] = arg.match(/^--([^=]+)(?:=(.*))?$/s) ?? [];
    if (!Object.hasOwn(flags, name)) continue;
    const check = flags[name].type === "switch" ? checkSwitch : checkValue;
    check(command, { name, value, next: args[i + 1] });
  }
}

function checkSwitch(command: string, { name, value, next = "" }: Typed): void {
  const right = `write --${name} or --${name}=false`;
  if (value === undefined && /^(true|false|yes|no|on|off|0|1)$/i.test(next)) {
    throw new UsageError(`Cannot run ${command}: unexpected argument "${next}" behind --${name}, ${right}`);
  }
  if (value === undefined || value === "true" || value === "false") return;
  throw new UsageError(`Cannot run ${command}: --${name} is "${value}", expected true or false: ${right}`);
}

function checkValue(command: string, { name, value, next }: Typed): void {
  const needs = `Cannot run ${command}: --${name} needs a value`;
  if ((value ?? next ?? "") === "") throw new UsageError(needs);
  if (value !== undefined || !next!.startsWith("-")) return;
  throw new UsageError(`${needs}, ${next} follows it; if that is the value, write --${name}=${next}`);
}

function unknownFlag(
  command: string,
  { name, typed }: { readonly name: string; readonly typed: string },
  flags: Flags,
): UsageError {
  const message = `Cannot run ${command}: unknown flag ${typed}`;
  const positive = name.replace(/^no-/, "");
  if (Object.hasOwn(flags, positive) && flags[positive].type === "switch") {
    return new UsageError(`${message}, write --${positive}=false, or leave it out`);
  }
  const meant = nearest(name, Object.keys(flags));
  return meant === undefined
    ? new UnknownFlagError(message, name)
    : new UsageError(`${message}, did you mean "--${meant}"`);
}

function checkNames(names: readonly string[], { command, usage = "", least = 0, most = 0 }: Expected): void {
  if (names.length > most) {
    throw new UsageError(
      `Cannot run ${command}: unexpected argument "${names[most]}", see deno task ${command} --help`,
    );
  }
  if (names.length < least) {
    const wanted = usage === "NAME" ? "a NAME (a stage or a task of deno task status)" : usage;
    throw new UsageError(`Cannot run ${command}: it needs ${wanted}, see deno task ${command} --help`);
  }
}

/** The value of a flag that may be given once; repeating the same value is allowed. */
function only<T>(command: string, name: string, values: readonly T[]): T | undefined {
  const [first, second] = new Set(values);
  if (second === undefined) return first;
  throw new UsageError(`Cannot run ${command}: --${name} is both "${first}" and "${second}", give it once`);
}

function meaning(
  { type, choices, words }: Flag,
  { name, value, here }: { readonly name: string; readonly value: string; readonly here: string },
): string {
  if (choices !== undefined && !choices.includes(value)) {
    throw new UsageError(`Cannot use --${name} ${value}${suggestion(value, choices)}`);
  }
  return type === "path" && !words?.includes(value) ? pathFrom(here, value) : value;
}

function quoted(arg: string): string {
  return /^[\w./=:,@+-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", `'\\''`)}'`;
}

/** A larger number is a typing error: no machine has more cores. */
const MOST = 1024;

/** A whole number in [1, 1024]. Throws a UsageError otherwise. */
export function positiveInteger(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  const wanted = `Cannot use --${flag} ${text}: expected a whole number`;
  if (!/^[1-9]\d*$/.test(text)) throw new UsageError(`${wanted} of at least 1`);
  if (Number(text) > MOST) throw new UsageError(`${wanted} of at most ${MOST}`);
  return Number(text);
}
