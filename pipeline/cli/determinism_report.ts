/**
 * `deno task stage NAME --check-determinism`: checks that the same work gives the same bytes.
 *
 * @module
 */
import { checkDeterminism } from "../run/determinism.ts";
import type { Engine } from "../plan/engine.ts";
import { UsageError } from "../base/errors.ts";
import type { Printer } from "../run/events.ts";
import { removeIfAny } from "../base/files.ts";
import { coresOf } from "../plan/forecast.ts";
import type { Task } from "../stage.ts";
import { Guard } from "../child/guard.ts";
import { StoreLock } from "../store/lock.ts";
import { assessAll, type Status } from "../plan/plan.ts";
import { hostFacts } from "../store/run_record.ts";
import { coresFor, hintsOf, printerFor } from "./build.ts";
import type { ParsedFlags } from "../workflow.ts";
import { stopOnSignals } from "./signals.ts";

/** Checks tasks one after the other; the exit code is 1 where one differs or fails. */
export async function checkNamed(engine: Engine, named: readonly Task[], args: ParsedFlags): Promise<number> {
  const conflict = ["force", "dry-run"].find((flag) => args.on[flag]);
  if (conflict) throw new UsageError(`Cannot use --${conflict} with --check-determinism: name one of them`);
  const printer = await printerFor(args);
  try {
    using _lock = await StoreLock.acquire(engine.workspace, {
      command: args.line,
      wait: args.on.wait,
      waiting: (holder) => printer.print({ type: "notice", message: `Waiting for ${holder}` }),
    });
    await removeIfAny(engine.workspace.staging);
    await engine.fetchPackages();
    return await checkAll(engine, { named, args, printer });
  } finally {
    printer.close();
    await engine.digests.save();
  }
}

interface Request {
  readonly named: readonly Task[];
  readonly args: ParsedFlags;
  readonly printer: Printer;
}

async function checkAll(engine: Engine, request: Request): Promise<number> {
  const statuses = await assessAll(engine);
  await using guard = new Guard();
  using stop = stopOnSignals();
  let code = 0;
  for (const task of request.named) {
    const setting = { statuses, guard, signal: stop.signal };
    if (!await check(engine, statuses.get(task)!, { ...request, ...setting })) code = 1;
    if (stop.signal.aborted) return 1;
  }
  return code;
}

async function check(
  engine: Engine,
  status: Status,
  { args, printer, statuses, guard, signal }: Request & {
    readonly statuses: ReadonlyMap<Task, Status>;
    readonly guard: Guard;
    readonly signal: AbortSignal;
  },
): Promise<boolean> {
  const { id } = status.task;
  const checked = await checkDeterminism(engine, status, {
    reasons: ["a check that two runs give the same bytes"],
    artifacts: (input) => statuses.get(input)!.artifact!,
    cores: coresOf(status.task, coresFor(args)),
    hints: hintsOf(engine, args),
    provenance: { command: args.line, commit: null, host: hostFacts() },
    emit: printer.print,
    guard,
    signal,
  });
  if (checked.type === "stopped") printer.print({ type: "stopped" });
  else printer.print({ id, ...checked });
  return checked.type === "checked" && checked.difference === null;
}
