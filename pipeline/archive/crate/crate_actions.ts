/**
 * Runs as actions: one CreateAction a task, one for the whole run, and the engine's that orders them.
 *
 * @module
 */
import { type Engine, rootsOf } from "../../plan/engine.ts";
import type { Json, Task } from "../../stage.ts";
import type { Contents, PackedTask } from "../contents.ts";
import { type Entity, ids, propertyValue, ref } from "./crate_entity.ts";
import { ENGINE } from "./crate_software.ts";
import type { Tool } from "./crate_tools.ts";

const DONE = "http://schema.org/CompletedActionStatus";

/** The agent, the workflow and the tools that the actions name. */
export interface Setting {
  /** Id of the person or group that ran it. */
  readonly agent: string;
  /** Id of the workflow. */
  readonly workflow: string;
  readonly tools: readonly Tool[];
}

/** All actions and their property values. */
export function actionsOf(engine: Engine, { tasks }: Contents, setting: Setting): readonly Entity[] {
  const folders = new Map(tasks.map(({ task, folder }) => [task, `${folder}/`]));
  return [
    ...tasks.flatMap((packed) => [
      action(engine, packed, { ...setting, folders }),
      ...values(packed),
      control(packed),
    ]),
    whole(tasks, setting),
    {
      "@id": "#orchestration",
      "@type": "OrganizeAction",
      name: "Run of the stage engine",
      agent: ref(setting.agent),
      instrument: ref(ENGINE.deno["@id"]),
      object: tasks.map(({ task }) => ref(`#control-${task.place}`)),
      result: ref("#run"),
      ...span(tasks),
      actionStatus: DONE,
    },
  ];
}

function action(
  engine: Engine,
  { task, artifact, run, folder }: PackedTask,
  { agent, folders }: Setting & { readonly folders: ReadonlyMap<Task, string> },
): Entity {
  const inputs = Object.values(task.inputs).flat() as readonly Task[];
  const { stage: _, ...chosen } = rootsOf(task);
  const modules = Object.keys(chosen).sort().map((name) => chosen[name]);
  const parameters = Object.keys(artifact.key.params as object);
  return {
    "@id": `#run-${task.place}`,
    "@type": "CreateAction",
    name: task.id,
    identifier: artifact.digest,
    agent: ref(agent),
    instrument: ref(ids.tool(engine, task.stage)),
    object: [
      ...[...new Set(inputs)].map((input) => ref(folders.get(input)!)),
      ...modules.map((url) => ref(ids.module(engine, url))),
      ...parameters.map((name) => ref(ids.value(task.place, name))),
    ],
    result: ref(`${folder}/`),
    startTime: run.started,
    endTime: run.finished,
    actionStatus: DONE,
    resourceUsage: Object.keys(usageOf(run)).map((name) => ref(ids.value(task.place, `usage-${name}`))),
    environment: Object.keys(environmentOf(run, artifact.key.environment)).map((name) =>
      ref(ids.value(task.place, `environment-${name}`))
    ),
  };
}

/** Parameters, resources and environment of an action. */
function values({ task, artifact, run }: PackedTask): readonly Entity[] {
  const named = (
    id: string,
    name: string,
    value: Json,
    more: Readonly<Record<string, Json>> = {},
  ): Entity => ({
    "@id": id,
    "@type": "PropertyValue",
    name,
    value: propertyValue(value),
    ...more,
  });
  const params = Object.entries(artifact.key.params as Readonly<Record<string, Json>>);
  return [
    ...params.map(([name, value]) =>
      named(ids.value(task.place, name), name, value, {
        exampleOfWork: ref(ids.parameter(task.stage.name, name)),
        ...(typeof value === "string" ? {} : { encodingFormat: "application/json" }),
      })
    ),
    ...Object.entries(usageOf(run)).map(([name, [value, unit]]) =>
      named(ids.value(task.place, `usage-${name}`), name, value, {
        propertyID: name,
        ...(unit === "" ? {} : { unitText: unit }),
      })
    ),
    ...Object.entries(environmentOf(run, artifact.key.environment)).map(([name, value]) =>
      named(ids.value(task.place, `environment-${name}`), name, value)
    ),
  ];
}

/** Resources of a run and the hardware it ran on: name → value and unit. */
function usageOf({ host, cores, peakMemory, seconds }: PackedTask["run"]) {
  return {
    cpu: [host.cpu, ""],
    "cpu-cores": [host.cores, ""],
    memory: [host.memory, "byte"],
    ...(host.gpu === null ? {} : { gpu: [host.gpu, ""] }),
    "cores-used": [cores, ""],
    ...(peakMemory === null ? {} : { "peak-memory": [peakMemory, "byte"] }),
    "wall-time": [seconds, "second"],
  } as Readonly<Record<string, readonly [string | number, string]>>;
}

function environmentOf(
  run: PackedTask["run"],
  numeric: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return { os: run.host.os, ...numeric, deno: run.deno, backend: numeric.backend ?? run.backend };
}

function control({ task }: PackedTask): Entity {
  return {
    "@id": `#control-${task.place}`,
    "@type": "ControlAction",
    name: `orchestrate ${task.id}`,
    instrument: ref(`#step-${task.stage.name}`),
    object: ref(`#run-${task.place}`),
  };
}

function whole(tasks: readonly PackedTask[], { agent, workflow }: Setting): Entity {
  const published = tasks.filter(({ task }) => task.stage.publish);
  return {
    "@id": "#run",
    "@type": "CreateAction",
    name: "The whole workflow",
    agent: ref(agent),
    instrument: ref(workflow),
    object: tasks.flatMap(({ task, artifact }) =>
      Object.keys(artifact.key.params as object).map((name) => ref(ids.value(task.place, name)))
    ),
    result: published.map(({ folder }) => ref(`${folder}/`)),
    ...span(tasks),
    actionStatus: DONE,
  };
}

function span(tasks: readonly PackedTask[]) {
  const started = tasks.map(({ run }) => run.started).sort();
  const finished = tasks.map(({ run }) => run.finished).sort();
  return { startTime: started[0], endTime: finished.at(-1)! };
}
