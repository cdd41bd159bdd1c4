/**
 * The command line: finds the command, parses its flags, turns errors into messages and exit codes.
 *
 * @module
 */
import { messageOf, StoreBusyError, UsageError } from "../base/errors.ts";
import { suggestion } from "../base/suggestion.ts";
import type { Command, ParsedFlags, Pipeline } from "../workflow.ts";
import { withoutSecrets } from "../base/secrets.ts";
import { DEFAULT_PROFILE, profileNamed } from "../tasks/profile.ts";
import { parseFlags, peek, UnknownFlagError } from "./flags.ts";
import { standingIn } from "../base/user_paths.ts";
import { guardConsole } from "../base/escape.ts";

type Loaders = Readonly<Record<string, () => Promise<Command>>>;

/** The engine's commands; each is loaded when it is called. */
const COMMANDS: Loaders = {
  reproduce: async () => (await import("./commands/reproduce_command.ts")).reproduce,
  stage: async () => (await import("./commands/stage_command.ts")).stage,
  status: async () => (await import("./commands/status_command.ts")).status,
  why: async () => (await import("./commands/why_command.ts")).why,
  log: async () => (await import("./commands/log_command.ts")).log,
  graph: async () => (await import("./commands/graph_command.ts")).graph,
  verify: async () => (await import("./commands/verify_command.ts")).verify,
  diff: async () => (await import("./commands/diff_command.ts")).diff,
  du: async () => (await import("./commands/du_command.ts")).du,
  archive: async () => (await import("./commands/archive_command.ts")).archive,
  restore: async () => (await import("./commands/restore_command.ts")).restore,
  clean: async () => (await import("./commands/clean_command.ts")).clean,
  schema: async () => (await import("./commands/schema_command.ts")).schema,
};

/** Runs a command line; returns the exit code: 0 done, 1 failed, 2 bad usage. */
export async function main(pipeline: Pipeline, args: readonly string[]): Promise<number> {
  guardConsole();
  try {
    return await dispatch(pipeline, args);
  } catch (error) {
    if (error instanceof UsageError) return complain(error.message, 2);
    if (error instanceof StoreBusyError) return complain(error.message, 1);
    return complain(Deno.env.has("PIPELINE_DEBUG") ? Deno.inspect(error) : messageOf(error), 1);
  }
}

async function dispatch(pipeline: Pipeline, [name, ...args]: readonly string[]): Promise<number> {
  const commands: Loaders = { ...COMMANDS, ...pipeline.commands };
  if (name === undefined || ["--help", "-h", "help"].includes(name)) return await showHelp(commands);
  if (!Object.hasOwn(commands, name)) {
    throw new UsageError(`Cannot run "${name}": no such command${suggestion(name, Object.keys(commands))}`);
  }
  const command = await commands[name]();
  const here = standingIn(pipeline.root);
  const profile = () =>
    "profile" in command.flags ? profileNamed(pipeline, peekProfile(args), here) : DEFAULT_PROFILE;
  const flags = async () => ({ ...command.flags, ...await command.moreFlags?.(pipeline, profile()) });
  if (args.includes("--help") || args.includes("-h")) {
    const { commandHelp } = await import("./help.ts");
    // Help must work even where the profile is wrong.
    const shown = await flags().catch(() => command.flags);
    console.log(commandHelp(name, command, { flags: shown, backends: pipeline.backends }));
    return 0;
  }
  const around = { flags: await flags(), commands, pipeline, profile: profile() };
  const parsed = await parsedOr(
    () => parseFlags(args, around.flags, { command: name, here, ...command.names }),
    around,
  );
  const text = parsed.text.profile === undefined ? parsed.text : { ...parsed.text, profile: around.profile };
  return await command.run(pipeline, { ...parsed, text });
}

/** The profile's name on the command line, or the default where it has no value. */
function peekProfile(args: readonly string[]): string {
  const typed = peek(args, "profile");
  return typed === undefined || /^(-|$)/.test(typed) ? DEFAULT_PROFILE : typed;
}

/** The parsed flags; the message about an unknown flag says where it belongs. */
async function parsedOr(
  parse: () => ParsedFlags,
  around: Parameters<typeof import("./belongs.ts").homeOf>[1],
): Promise<ParsedFlags> {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof UnknownFlagError)) throw error;
    const { homeOf } = await import("./belongs.ts");
    throw new UsageError(`${error.message}${await homeOf(error.flag, around)}`);
  }
}

async function showHelp(commands: Loaders): Promise<number> {
  const { programHelp } = await import("./help.ts");
  const loaded: Record<string, Command> = {};
  for (const [name, load] of Object.entries(commands)) loaded[name] = await load();
  console.log(programHelp(loaded));
  return 0;
}

function complain(message: string, code: number): number {
  console.error(withoutSecrets(message));
  return code;
}
