/**
 * The job and the permissions of a task's child process.
 *
 * @module
 */
import { join } from "node:path";
import { nativeLibraries } from "../backend.ts";
import type { Engine } from "../plan/engine.ts";
import { exists } from "../base/files.ts";
import { filesRead } from "../tasks/graph.ts";
import type { Artifact, Json, Task } from "../stage.ts";
import type { Job } from "../child/protocol.ts";
import type { Grants } from "../child/sandbox.ts";
import type { Workspace } from "../base/workspace.ts";

export interface ChildSetting {
  /** Absolute path. */
  readonly staging: string;
  /** Absolute path. */
  readonly scratch: string;
  /** The artifacts of its input tasks. */
  readonly artifacts: (task: Task) => Artifact;
  readonly cores: number;
  readonly hints: Readonly<Record<string, string>>;
}

export interface ChildCommand {
  readonly job: Job;
  readonly grants: Grants;
  /** Flags of `deno run` apart from permissions. */
  readonly flags: readonly string[];
  /** Environment variables for the backend. */
  readonly variables: Readonly<Record<string, string>>;
}

export async function childCommand(
  engine: Engine,
  task: Task,
  setting: ChildSetting,
): Promise<ChildCommand> {
  const job = jobOf(engine, task, setting);
  return {
    job,
    grants: await grantsOf(engine, task, { ...setting, hints: job.hints }),
    flags: await runFlags(engine.workspace),
    variables: task.stage.numeric ? engine.backend.variables?.(setting.cores) ?? {} : {},
  };
}

function jobOf(engine: Engine, { id, stage, params, inputs }: Task, setting: ChildSetting): Job {
  const { staging, scratch, artifacts, cores, hints } = setting;
  return {
    task: id,
    run: stage.run,
    modules: stage.modules?.(params) ?? {},
    params: params as Json,
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([name, input]) =>
        "stage" in input ? [name, artifacts(input)] : [name, input.map(artifacts)]
      ),
    ),
    out: staging,
    scratch,
    resumes: stage.needs?.scratch === true,
    cores,
    backend: engine.backend.name,
    library: nativeLibraries(stage, engine.backend)[0],
    hints: Object.fromEntries(Object.entries(hints).filter(([name]) => name in (stage.hints ?? {}))),
    mark: `\u001e${crypto.randomUUID()} `,
  };
}

async function grantsOf(engine: Engine, task: Task, setting: ChildSetting): Promise<Grants> {
  const { network = false, scratch = false } = task.stage.needs ?? {};
  const { modules, packages } = engine.code(task).readable;
  const outside = await task.stage.outside?.(setting.hints) ?? {};
  return {
    inputs: inputPaths(task, setting),
    code: modules,
    packages,
    files: outside.files ?? [],
    variables: outside.variables ?? [],
    out: [setting.staging],
    scratch: scratch ? [setting.scratch, `${setting.scratch}.lock`] : [],
    network: network && outside.network !== false,
    native: nativeLibraries(task.stage, engine.backend),
  };
}

/** The folders of its inputs, or only the files that it declares to read. */
function inputPaths(task: Task, { artifacts }: ChildSetting): string[] {
  return [...filesRead(task)].flatMap(([input, files]) => {
    const { dir } = artifacts(input);
    return files === undefined ? [dir] : files.map((file) => join(dir, file));
  });
}

/** Flags of `deno run` that take packages from the cache alone, in the lock file's versions. */
export async function runFlags(workspace: Workspace): Promise<string[]> {
  const lock = await exists(workspace.lockfile) ? ["--lock", workspace.lockfile, "--frozen"] : ["--no-lock"];
  return ["--quiet", "--cached-only", "--config", workspace.config, ...lock];
}
