/**
 * `deno task why NAME`: every changed part of the key with its old and new value, and the parts of the key.
 *
 * @module
 */
import type { Engine } from "../../plan/engine.ts";
import { tasksNamed } from "../../tasks/graph.ts";
import { identityOf } from "../../tasks/key.ts";
import { inputTask, type Origin, originOf } from "../../store/origin.ts";
import type { Command } from "../../workflow.ts";
import { assessAll, earlierNotes, type Status } from "../../plan/plan.ts";
import { type Change, changes, inDetail, inWords } from "../../tasks/key_changes.ts";
import { count } from "../../base/quantities.ts";
import { shown, type Workspace } from "../../base/workspace.ts";
import {
  engineOf,
  environmentFlags,
  jsonFlag,
  printJson,
  printLines,
  profileFlags,
} from "../common_flags.ts";

/** Only reads. */
export const why: Command = {
  summary: "Explain why NAME (a stage or a task) is fresh or not, part of the key by part",
  names: { usage: "NAME", least: 1, most: 1 },
  flags: { ...profileFlags, ...environmentFlags, ...jsonFlag },
  run: async (pipeline, args) => {
    const engine = await engineOf(pipeline, args);
    const named = tasksNamed(engine.tasks, args.names[0]);
    const statuses = await assessAll(engine);
    await engine.digests.save();
    const found: Explanation[] = [];
    for (const task of named) found.push(await explain(engine, statuses.get(task)!));
    if (args.on.json) printJson(found.map((each) => record(engine.workspace, each)));
    else {
      for (const each of found) printLines(linesOf(engine.workspace, each));
      printLines(earlierNotes(found.map(({ status }) => status)));
    }
    return 0;
  },
};

/** A change; for an input, also the runs that made its old and new bytes. */
interface Explained extends Change {
  /** True where the change does not count: any numeric environment serves unless one is demanded. */
  readonly accepted: boolean;
  readonly from?: { readonly before?: Origin; readonly after?: Origin };
}

interface Explanation {
  readonly status: Status;
  readonly changes: readonly Explained[];
}

async function explain(engine: Engine, status: Status): Promise<Explanation> {
  const { artifact, wanted } = status;
  if (artifact === undefined) return { status, changes: [] };
  const explained: Explained[] = [];
  for (const change of changes(artifact, wanted, { strict: true })) {
    const accepted = change.part === "environment" && !engine.strict;
    explained.push({ ...change, accepted, ...await sources(engine.workspace, status, change) });
  }
  return { status, changes: explained };
}

async function sources(
  workspace: Workspace,
  { task }: Status,
  { part, name, before, after }: Change,
): Promise<Pick<Explained, "from">> {
  const input = part === "input" ? inputTask(task, name) : undefined;
  if (input === undefined) return {};
  const [old, now] = await Promise.all(
    [before, after].map((digest) => originOf(workspace, input.place, digest)),
  );
  return { from: { before: old, after: now } };
}

function linesOf(workspace: Workspace, { status, changes }: Explanation): string[] {
  const { task, state, reasons, artifact } = status;
  const known = new Set([
    ...changes.map(inWords),
    ...changes.map((change) => `${inWords(change)} (accepted)`),
  ]);
  const label = state === "fresh" || state === "damaged" ? "artifact" : "compared with";
  return [
    `${task.id} is ${state}`,
    ...changes.flatMap((change) => changeLines(workspace, change)),
    ...reasons.filter((reason) => !known.has(reason)).map((reason) => `  ${reason}`),
    ...(artifact ? [`  ${label}: ${shown(workspace, artifact.dir)}`] : []),
    ...keyLines(status),
  ];
}

function changeLines(workspace: Workspace, change: Explained): string[] {
  const { before, after } = change.from ?? {};
  return [
    `  ${inDetail(change)}${change.accepted ? " (accepted)" : ""}`,
    ...(before ? [`    before: ${originLine(workspace, before)}`] : []),
    ...(after ? [`    now: ${originLine(workspace, after)}`] : []),
    ...(before && after ? changes(before.artifact, after.artifact).map(rerunLine) : []),
  ];
}

/** A reason why the input was built again. */
function rerunLine(change: Change): string {
  return `    rerun because ${inDetail(change)}`;
}

function originLine(workspace: Workspace, { artifact, run }: Origin): string {
  const made = run === undefined ? "by a run whose record is lost" : `${run.finished} by "${run.command}"`;
  return `${artifact.task}, made ${made}, ${shown(workspace, artifact.dir)}`;
}

function keyLines({ key, wanted }: Status): string[] {
  if (key === undefined) return ["  key: not known before its inputs are built"];
  const sizes = [
    count(Object.keys(wanted.modules).length, "module"),
    count(Object.keys(key.packages).length, "package"),
    count(Object.keys(key.inputs).length, "input"),
  ];
  return [
    `  key: ${identityOf(key).slice(0, 16)}, of the parameters, ${sizes.join(", ")}`,
    ...Object.entries(key.inputs).map(([name, digest]) => `  input ${name}: ${digest.slice(0, 16)}`),
    ...Object.entries(key.environment).map(([name, value]) => `  environment ${name}: ${value}`),
  ];
}

function record(workspace: Workspace, { status, changes }: Explanation) {
  const { task, state, reasons, artifact, key } = status;
  const origin = (from: Origin | undefined) =>
    from === undefined ? null : {
      task: from.artifact.task,
      dir: shown(workspace, from.artifact.dir),
      finished: from.run?.finished ?? null,
      command: from.run?.command ?? null,
    };
  return {
    id: task.id,
    state,
    reasons,
    changes: changes.map(({ from, ...change }) => ({
      ...change,
      ...(from ? { from: { before: origin(from.before), after: origin(from.after) } } : {}),
    })),
    dir: artifact === undefined ? null : shown(workspace, artifact.dir),
    key: key === undefined ? null : identityOf(key).slice(0, 16),
  };
}
