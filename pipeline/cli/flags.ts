/**
 * Command-line flags: declared as data, parsed strictly, shown by `--help`.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { UsageError } from "../errors.ts";
import { nearest, suggestion } from "../nearest.ts";
import { pathFrom } from "../here.ts";

/** One flag. */
export interface Flag {
  /** `list` may be repeated; a `path` is the user's, meant from where the user stands. */
  readonly type: "text" | "path" | "switch" | "list";
  /** What stands for the value in the help: `P`. */
  readonly value?: string;
  /** Values that a `text` flag may have; any where absent. */
  readonly choices?: readonly string[];
  /** Values of a `path` flag that are no paths: `npm`. */
  readonly words?: readonly string[];
  /** What it does, for `--help`. */
  readonly help: string;
}

/** By name, without the dashes. */
export type Flags = Readonly<Record<string, Flag>>;

/** A parsed command line. */
export interface ParsedFlags {
  /** Positional arguments. */
  readonly names: readonly string[];
  /** Values of `text` and `path` flags; paths are absolute. */
  readonly text: Readonly<Record<string, string | undefined>>;
  /** `switch` flags: given or not. */
  readonly on: Readonly<Record<string, boolean>>;
  /** Values of `list` flags. */
  readonly lists: Readonly<Record<string, readonly string[]>>;
  /** As typed, for provenance. */
  readonly line: string;
  /** Absolute path of the folder where the user stands. */
  readonly here: string;
}

/** What a command expects beside its flags. */
export interface Expected {
  readonly command: string;
  /** What the names are. */
  readonly usage?: string;
  /** @default 0 */
  readonly least?: number;
  /** @default 0 */
  readonly most?: number;
  /** The names are the user's files. @default false */
  readonly paths?: boolean;
  /** Folder that relative paths are meant from. @default the working directory */
  readonly here?: string;
}

/** No near miss of any flag of the command: whoever knows more of flags can say where it belongs. */
export class UnknownFlagError extends UsageError {
  /** `flag` is without its dashes. */
  constructor(message: string, readonly flag: string) {
    super(message);
  }
}

/** Parses arguments. Throws a UsageError for whatever is not exactly as declared: nothing may run on a misread flag. */
export function parseFlags(args: readonly string[], flags: Flags, expected: Expected): ParsedFlags {
  const { command, paths = false, here = Deno.cwd() } = expected;
  const { names, given } = sorted(args[0] === "--" ? args.slice(1) : args, flags, command);
  checkNames(names, expected);
  const values = <T>(types: readonly Flag["type"][], read: (name: string, tokens: readonly Token[]) => T) =>
    Object.fromEntries(
      Object.keys(flags).filter((name) => types.includes(flags[name].type))
        .map((name) => [name, read(name, given.get(name) ?? [])]),
    );
  const texts = (tokens: readonly Token[]) => tokens.map((token) => textValue(command, token));
  return {
    names: paths ? names.map((name) => pathFrom(here, name)) : names,
    text: values(["text", "path"], (name, tokens) => {
      const value = only(command, name, texts(tokens));
      return value === undefined ? undefined : meaning(flags[name], { name, value, here });
    }),
    on: values(["switch"], (name, tokens) => {
      return only(command, name, tokens.map((token) => switchValue(command, token))) ?? false;
    }),
    lists: values(["list"], (_name, tokens) => texts(tokens)),
    line: ["deno task", command, ...args.map(quoted)].join(" "),
    here,
  };
}

/** Names apart from flags, of which each is known. */
function sorted(args: readonly string[], flags: Flags, command: string) {
  const names: string[] = [];
  const given = new Map<string, Token[]>();
  let before: Token | undefined;
  for (const token of tokensOf(args, flags)) {
    if (token.kind === "positional") {
      if (before !== undefined && flags[before.name].type === "switch") {
        refuseSpaced(command, before, token.value);
      }
      names.push(token.value);
    }
    before = token.kind === "option" ? token : undefined;
    if (before === undefined) continue;
    if (!Object.hasOwn(flags, before.name)) throw unknownFlag(command, before, flags);
    given.set(before.name, [...given.get(before.name) ?? [], before]);
  }
  return { names, given };
}

/** The last value of one flag, on a command line whose other flags are not known yet. */
export function peek(args: readonly string[], name: string): string | undefined {
  const tokens = tokensOf(args, { [name]: { type: "text", help: "" } });
  return tokens.findLast((token): token is Token => token.kind === "option" && token.name === name)?.value;
}

/** A flag as it was typed. */
interface Token {
  readonly kind: "option";
  readonly name: string;
  /** Undefined where nothing follows. */
  readonly value?: string;
  /** The value was given behind an equals sign. */
  readonly inlineValue?: boolean;
  readonly rawName: string;
}

function tokensOf(args: readonly string[], flags: Flags) {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { type }]) =>
      [name, { type: type === "switch" ? "boolean" : "string" } as const] as const
    ),
  );
  const parsed = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });
  return parsed.tokens as readonly (Token | { kind: "positional"; value: string } | { kind: "terminator" })[];
}

function unknownFlag(command: string, { name, rawName }: Token, flags: Flags): UsageError {
  const message = `Cannot run ${command}: unknown flag ${rawName}`;
  const positive = name.replace(/^no-/, "");
  if (Object.hasOwn(flags, positive) && flags[positive].type === "switch") {
    return new UsageError(`${message}, write --${positive}=false, or leave it out`);
  }
  const meant = nearest(name, Object.keys(flags));
  return meant === undefined
    ? new UnknownFlagError(message, name)
    : new UsageError(`${message}, did you mean "--${meant}"`);
}

/** `--dry-run no`: what follows a switch after a space is no value of it. */
function refuseSpaced(command: string, { name, inlineValue }: Token, value: string): void {
  if (inlineValue || !/^(true|false|yes|no|on|off|0|1)$/i.test(value)) return;
  throw new UsageError(
    `Cannot run ${command}: unexpected argument "${value}" behind --${name}, write --${name} or --${name}=false`,
  );
}

function checkNames(names: readonly string[], { command, usage = "", least = 0, most = 0 }: Expected): void {
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

function switchValue(command: string, { name, value }: Token): boolean {
  if (value === undefined || value === "true") return true;
  if (value === "false") return false;
  throw new UsageError(
    `Cannot run ${command}: --${name} is "${value}", expected true or false: ` +
      `write --${name} or --${name}=false`,
  );
}

function textValue(command: string, { name, value, inlineValue }: Token): string {
  const needs = `Cannot run ${command}: --${name} needs a value`;
  if (value === undefined || value === "") throw new UsageError(needs);
  if (inlineValue || !/^-./.test(value)) return value;
  throw new UsageError(`${needs}, ${value} follows it; if that is the value, write --${name}=${value}`);
}

/** What a flag that may be given once was given as: the same again is no contradiction. */
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

/** More than any machine can keep busy: a typing error. */
const MOST = 1024;

/** A whole number in [1, 1024]. Throws a UsageError otherwise. */
export function positiveInteger(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  const wanted = `Cannot use --${flag} ${text}: expected a whole number`;
  if (!/^[1-9]\d*$/.test(text)) throw new UsageError(`${wanted} of at least 1`);
  if (Number(text) > MOST) throw new UsageError(`${wanted} of at most ${MOST}`);
  return Number(text);
}
