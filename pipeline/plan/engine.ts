/**
 * A profile with its tasks, their code, and the store: the basis of every command.
 *
 * @module
 */
import { join } from "node:path";
import { AUTO, type Backend, type Choice } from "../backend.ts";
import { canonical } from "../base/json.ts";
import { type Code, CodeIndex } from "../code/code_of_stage.ts";
import { buildGraph, withUpstream } from "../tasks/graph.ts";
import type { Json, Key, Task } from "../stage.ts";
import { FileDigests } from "../base/digests.ts";
import { parseParameters } from "../tasks/parse_parameters.ts";
import type { Pipeline, ProfileData } from "../workflow.ts";
import { isRecord } from "../tasks/override.ts";
import { loadProfile, type Profile } from "../tasks/profile.ts";
import { UsageError } from "../base/errors.ts";
import { suggestion } from "../base/suggestion.ts";
import { cut } from "../base/quantities.ts";
import { type Workspace, workspaceAt } from "../base/workspace.ts";

export interface Engine {
  readonly pipeline: Pipeline;
  readonly workspace: Workspace;
  readonly profile: Profile;
  /** Topologically sorted. */
  readonly tasks: readonly Task[];
  readonly code: (task: Task) => Code;
  /** Fetches packages that the cache lacks. */
  readonly fetchPackages: () => Promise<void>;
  readonly digests: FileDigests;
  readonly backend: Backend;
  /** The choice of `auto` with its reason; absent where a backend was named. */
  readonly choice?: Choice;
  readonly environment: Key["environment"];
  /** True where artifacts of another environment do not serve. */
  readonly strict: boolean;
}

/** The profile, and the environment that its artifacts must come from. */
export interface EngineOptions {
  /** The profile's name. */
  readonly profile: string;
  /** Overrides of the form `FIELD=VALUE`. */
  readonly overrides?: readonly string[];
  /** Sweeps of the form `FIELD=VALUES`. */
  readonly sweeps?: readonly string[];
  /** The backend. A name demands it; `auto` takes the best, demanding none. @default the pipeline's first */
  readonly backend?: string;
  /** Demands artifacts of exactly this environment. @default false */
  readonly strict?: boolean;
}

/** URL of the module that a child process runs. */
const CHILD = new URL("../child/entry.ts", import.meta.url).href;

/** Reads a profile and the code behind it. Throws a UsageError for misspelt or out-of-range settings. */
export async function openEngine(pipeline: Pipeline, options: EngineOptions): Promise<Engine> {
  const workspace = workspaceAt(pipeline.root);
  const choice = options.backend === AUTO ? await bestOf(pipeline) : undefined;
  const backend = await pipeline.backend(choice?.backend ?? nameOf(pipeline, options.backend));
  const { profile: name, overrides = [], sweeps } = options;
  const profile = await loadProfile(pipeline, { name, overrides, sweeps });
  const tasks = await checkedTasks(pipeline, profile);
  const [index, digests] = await Promise.all([
    CodeIndex.open(workspace, [CHILD, ...tasks.flatMap((task) => Object.values(rootsOf(task)))]),
    FileDigests.open(join(workspace.cache, "digests.json")),
  ]);
  return {
    pipeline,
    workspace,
    profile,
    tasks,
    code: codeOf(index),
    fetchPackages: () => index.fetchPackages(),
    digests,
    backend,
    choice,
    environment: backend.environment,
    strict: options.strict === true || (options.backend !== undefined && choice === undefined),
  };
}

/** A profile's tasks in topological order. Throws a UsageError for invalid or contradictory settings. */
export async function checkedTasks(pipeline: Pipeline, profile: Profile): Promise<readonly Task[]> {
  const facts = await pipeline.facts?.(profile.data, profile.name);
  const tasks = tasksOf(pipeline, profile, facts);
  pipeline.check(tasks, { name: profile.name, facts });
  return tasks;
}

/** The modules of a task's process: `stage`, and those its parameters choose by name, such as `model`. */
export function rootsOf({ stage, params }: Task): Readonly<Record<string, string>> {
  return { ...stage.modules?.(params), stage: stage.run };
}

async function bestOf({ best, backends: [first] }: Pipeline): Promise<Choice> {
  return await best?.() ?? { backend: first, reason: "it is the default" };
}

function nameOf(pipeline: Pipeline, wanted: string | undefined): string {
  const [first] = pipeline.backends;
  if (wanted === undefined || pipeline.backends.includes(wanted)) return wanted ?? first;
  const known = [...pipeline.backends, AUTO];
  throw new UsageError(`Cannot use backend "${wanted}": no such backend${suggestion(wanted, known)}`);
}

function tasksOf(pipeline: Pipeline, { name, data, stages }: Profile, facts: unknown): readonly Task[] {
  return buildGraph(stages, {
    axes: pipeline.axes(data),
    leavesOut: pipeline.leavesOut?.(data),
    params: (stage, point, inputs) => {
      const { value: section, path } = pipeline.section?.(data, stage, point) ??
        { value: data[stage.name], path: stage.name };
      if (!isRecord(section)) {
        const found = JSON.stringify(section);
        throw new UsageError(`Cannot parse profile "${name}": ${path} is ${found}, expected an object`);
      }
      const extras = pipeline.extras(stage, point, {
        profile: data,
        name,
        facts,
        // Computed on request, as few stages need it and it may be as large as the graph.
        get upstream() {
          return Object.fromEntries([...withUpstream(inputs)].map(({ id, params }) => [id, params as Json]));
        },
      });
      const given = { ...point, ...extras };
      refuseGiven(section, given, { profile: name, path });
      const value = { ...section, ...given };
      return parseParameters(stage.params, value, {
        source: `profile "${name}"`,
        path,
        given: Object.keys(given),
      });
    },
  });
}

/** Refuses a section's field where the tasks are given another value, which would silently replace it. */
function refuseGiven(
  section: ProfileData,
  given: Readonly<Record<string, Json>>,
  { profile, path }: { readonly profile: string; readonly path: string },
): void {
  for (const [field, stated] of Object.entries(section)) {
    if (!Object.hasOwn(given, field) || canonical(stated) === canonical(given[field])) continue;
    throw new UsageError(
      `Cannot parse profile "${profile}": ${path}.${field} is ${cut(JSON.stringify(stated), 100)}, ` +
        "but every task is given its own, leave the field out",
    );
  }
}

/** The code of a task, computed once for all tasks with the same modules. */
function codeOf(index: CodeIndex): Engine["code"] {
  const known = new Map<string, Code>();
  return (task) => {
    const roots = rootsOf(task);
    const name = JSON.stringify(roots);
    const code = known.get(name) ?? index.of(roots);
    known.set(name, code);
    return code;
  };
}
