/**
 * The command line: finds the command, parses its flags, turns errors into messages and exit codes.
 *
 * @module
 */
import { messageOf, StoreBusyError, UsageError } from "../errors.ts";
import { suggestion } from "../nearest.ts";
import type { Command, Pipeline } from "../pipeline.ts";
import { guardConsole } from "../terminal.ts";
import { parseFlags } from "./flags.ts";

type Loaders = Readonly<Record<string, () => Promise<Command>>>;

/** Each command is loaded only when it is called. */
const COMMANDS: Loaders = {
  reproduce: async () => (await import("./reproduce.ts")).reproduce,
  stage: async () => (await import("./stage.ts")).stage,
  status: async () => (await import("./status.ts")).status,
  why: async () => (await import("./why.ts")).why,
  log: async () => (await import("./log.ts")).log,
  graph: async () => (await import("./graph.ts")).graph,
  verify: async () => (await import("./verify.ts")).verify,
  diff: async () => (await import("./diff.ts")).diff,
  du: async () => (await import("./du.ts")).du,
  gc: async () => (await import("./gc.ts")).gc,
  archive: async () => (await import("./archive.ts")).archive,
  restore: async () => (await import("./restore.ts")).restore,
  clean: async () => (await import("./clean.ts")).clean,
  schema: async () => (await import("./schema.ts")).schema,
};

/** Runs a command line; returns the exit code: 0 done, 1 failed, 2 bad usage. */
export async function main(pipeline: Pipeline, args: readonly string[]): Promise<number> {
  guardConsole();
  try {
    return await dispatch(pipeline, args);
  } catch (error) {
    if (error instanceof UsageError) return complain(error.message, 2);
    if (error instanceof StoreBusyError) return complain(error.message, 1);
    return complain(Deno.env.has("PIPELINE_DEBUG") ? String((error as Error).stack) : messageOf(error), 1);
  }
}

async function dispatch(pipeline: Pipeline, [name, ...args]: readonly string[]): Promise<number> {
  const commands: Loaders = { ...COMMANDS, ...pipeline.commands };
  if (name === undefined || name === "--help" || name === "help") return await showHelp(commands);
  if (!Object.hasOwn(commands, name)) {
    throw new UsageError(`Cannot run "${name}": no such command${suggestion(name, Object.keys(commands))}`);
  }
  const command = await commands[name]();
  const flags = { ...command.flags, ...await command.moreFlags?.(pipeline, args) };
  if (args.includes("--help") || args.includes("-h")) {
    const { commandHelp } = await import("./help.ts");
    console.log(commandHelp(name, command, { flags, backends: pipeline.backends }));
    return 0;
  }
  return await command.run(pipeline, parseFlags(args, flags, { command: name, ...command.names }));
}

async function showHelp(commands: Loaders): Promise<number> {
  const { programHelp } = await import("./help.ts");
  const loaded: Record<string, Command> = {};
  for (const [name, load] of Object.entries(commands)) loaded[name] = await load();
  console.log(programHelp(loaded));
  return 0;
}

function complain(message: string, code: number): number {
  console.error(message);
  return code;
}
