/**
 * The steps that `reproduce` and `stage` share: assess the store, announce the plan, run it.
 *
 * @module
 */
import type { Engine } from "../plan/engine.ts";
import { freeDisk, type Plan, planRun } from "../plan/estimate.ts";
import type { Printer } from "../run/events.ts";
import type { Cores } from "../plan/forecast.ts";
import type { Hint, Task } from "../stage.ts";
import { StoreLock } from "../store/lock.ts";
import { assessAll, type Status } from "../plan/plan.ts";
import type { Flags, ParsedFlags, Pipeline } from "../workflow.ts";
import { loadProfile } from "../tasks/profile.ts";
import { recover } from "../store/recover.ts";
import { run } from "../run/scheduler.ts";
import { inTexts, withoutSecrets } from "../base/secrets.ts";
import * as words from "../base/quantities.ts";
import { canAsk, confirmed, environmentFlags, profileFlags } from "./common_flags.ts";
import { positiveInteger } from "./flags.ts";
import { stopOnSignals } from "./signals.ts";

/** Flags of every command that builds. */
export const buildFlags = {
  ...profileFlags,
  ...environmentFlags,
  jobs: { type: "text", value: "N", help: "cores to keep busy (default all)" },
  "task-cores": { type: "text", value: "N", help: "cores of one task at most (default all of those)" },
  "dry-run": { type: "switch", help: "say what would run, and why, without running it" },
  yes: { type: "switch", help: "do not ask before a run of more than an hour" },
  wait: { type: "switch", help: "wait while another run writes to the store" },
  json: { type: "switch", help: "write events as NDJSON to stdout, the last is the summary" },
} as const satisfies Flags;

/** Runs expected to take longer ask first on a terminal, seconds. */
const LONG = 3600;

/** Flags for the hints that a profile's stages declare. */
export async function hintFlags(pipeline: Pipeline, name: string): Promise<Flags> {
  const { stages } = await loadProfile(pipeline, { name, overrides: [] });
  const hints = stages.flatMap((stage) => Object.entries<Hint>(stage.hints ?? {}));
  return Object.fromEntries(hints.map(([name, hint]) => {
    const { help, words } = typeof hint === "string" ? { help: hint } : hint;
    return [name, { type: typeof hint === "string" ? "text" : "path", value: "X", words, help }];
  }));
}

/** The cores that the flags allow. */
export function coresFor(args: ParsedFlags): Cores {
  return {
    jobs: positiveInteger(args.text.jobs, "jobs") ?? navigator.hardwareConcurrency,
    perTask: positiveInteger(args.text["task-cores"], "task-cores"),
  };
}

export interface Wanted {
  readonly targets: ReadonlySet<Task>;
  readonly forced: ReadonlySet<Task>;
  /** Notices to print before the plan. */
  readonly notes?: readonly string[];
}

/** Builds the wanted tasks; returns the exit code. */
export async function build(engine: Engine, wanted: Wanted, args: ParsedFlags): Promise<number> {
  const cores = coresFor(args);
  const printer = await printerFor(args);
  try {
    if (args.on["dry-run"]) {
      return await rehearse(engine, { wanted, statuses: await assessAll(engine), cores, printer });
    }
    using lock = await StoreLock.acquire(engine.workspace, {
      command: args.line,
      wait: args.on.wait,
      waiting: (holder) => printer.print({ type: "notice", message: `Waiting for ${holder}` }),
    });
    for (const message of await recover(engine.workspace)) printer.print({ type: "notice", message });
    await Deno.mkdir(engine.workspace.staging, { recursive: true });
    const statuses = await assessAll(engine);
    const plan = await announce(engine, { wanted, statuses, cores, printer });
    await checkDisk(engine, plan);
    if (!await agreed(plan, args)) return 1;
    if (plan.tasks.length > 0) await engine.fetchPackages();
    using stop = stopOnSignals();
    const summary = await run(engine, {
      ...wanted,
      ...cores,
      statuses,
      hints: hintsOf(engine, args),
      command: args.line,
      emit: printer.print,
      running: (tasks) => lock.running(tasks),
      signal: stop.signal,
    });
    return summary.failed.length > 0 || stop.signal.aborted ? 1 : 0;
  } finally {
    printer.close();
  }
}

interface Preview {
  readonly wanted: Wanted;
  readonly statuses: ReadonlyMap<Task, Status>;
  readonly cores: Cores;
  readonly printer: Printer;
}

/** Prints the plan. */
async function announce(engine: Engine, { wanted, statuses, cores, printer }: Preview): Promise<Plan> {
  sayBackend(engine, printer);
  const plan = await planRun(engine, { ...wanted, ...cores, statuses });
  if (plan.tasks.length === 0) return plan;
  for (const message of wanted.notes ?? []) printer.print({ type: "notice", message });
  printer.print({ type: "plan", ...plan });
  return plan;
}

/** Prints the backend where it was chosen automatically or leaves the sandbox. */
function sayBackend({ backend, choice, environment }: Engine, printer: Printer): void {
  const sandboxed = backend.library === undefined;
  if (choice === undefined && sandboxed) return;
  const reason = choice?.reason ?? null;
  printer.print({ type: "backend", name: backend.name, reason, environment, sandboxed });
}

async function rehearse(engine: Engine, preview: Preview): Promise<number> {
  const plan = await announce(engine, preview);
  const ids = new Set(plan.tasks.map(({ id }) => id));
  const fresh = [...preview.wanted.targets].map(({ id }) => id).filter((id) => !ids.has(id));
  preview.printer.print({ type: "summary", built: [], fresh, failed: [] });
  await engine.digests.save();
  return 0;
}

async function checkDisk(engine: Engine, plan: Plan): Promise<void> {
  const free = await freeDisk(engine);
  if (plan.disk <= free) return;
  throw new Error(
    `Cannot start: the run writes about ${words.bytes(plan.disk)}, ${words.bytes(free)} are free, ` +
      `make room (deno task clean --dry-run shows what no profile needs) or choose a smaller profile`,
  );
}

/** Asks before a long run at a terminal. */
async function agreed(plan: Plan, args: ParsedFlags): Promise<boolean> {
  const mayAsk = !args.on.yes && !args.on.json && canAsk();
  if (plan.seconds <= LONG || !mayAsk) return true;
  return await confirmed(`This takes about ${words.roughly(plan.seconds)}. Go on?`);
}

/** The hints given on the command line, which are no part of any key. */
export function hintsOf(engine: Engine, args: ParsedFlags): Record<string, string> {
  const names = engine.profile.stages.flatMap((stage) => Object.keys(stage.hints ?? {}));
  return Object.fromEntries(
    names.flatMap((name) => args.text[name] === undefined ? [] : [[name, args.text[name]]]),
  );
}

/** The printer for these flags and this terminal; secrets are removed from every event. */
export async function printerFor(args: ParsedFlags): Promise<Printer> {
  const { print, close } = await loadPrinter(args);
  return { print: (event) => print(inTexts(event, withoutSecrets)), close };
}

/** Loads only the printer that is used. */
async function loadPrinter(args: ParsedFlags): Promise<Printer> {
  if (args.on.json) return { print: (event) => console.log(JSON.stringify(event)), close: () => {} };
  if (Deno.stdout.isTerminal()) return (await import("./printers/terminal.ts")).terminalPrinter();
  return (await import("./printers/plain.ts")).plainPrinter();
}
