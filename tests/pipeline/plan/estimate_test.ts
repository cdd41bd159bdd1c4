import { assertEquals } from "@std/assert";
import { cpus } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { Engine } from "../../../pipeline/plan/engine.ts";
import { Estimator } from "../../../pipeline/plan/estimate.ts";
import { buildGraph } from "../../../pipeline/tasks/graph.ts";
import type { Task } from "../../../pipeline/stage.ts";
import { sealed } from "../../../pipeline/base/sealed_json.ts";
import type { AnyStage } from "../../../pipeline/stage.ts";
import { workspaceAt } from "../../../pipeline/base/workspace.ts";

const params = z.looseObject({ size: z.number() });

const source: AnyStage = {
  name: "source",
  run: "file:///source.ts",
  axes: [],
  inputs: {},
  params,
  outputs: [],
};

/** Takes a second, and one more for every image of a given size that its source makes. */
const reader: AnyStage = {
  name: "reader",
  run: "file:///reader.ts",
  axes: ["model", "seed"],
  inputs: { from: source },
  params,
  outputs: [],
  numeric: true,
  estimate: ({ size }, { inputs }) => {
    const count = inputs.from.params.size;
    return { seconds: 1 + count * size, units: { count, seconds: count * size } };
  },
};

const stages: readonly AnyStage[] = [source, reader];

/** Tasks of two models and two seeds. */
function tasksOf(sizes: { readonly source: number; readonly reader: number }): readonly Task[] {
  return buildGraph(stages, {
    axes: { model: ["a", "b"], seed: [0, 1] },
    params: (stage, point) => ({ ...point, size: sizes[stage.name as keyof typeof sizes] }),
  });
}

/** A store in a new folder. */
async function withStore(
  use: (store: {
    readonly open: () => Promise<Estimator>;
    /** Puts a finished run of a task there; the digest of an artifact is its size in hex. */
    readonly put: (
      task: Task,
      run: { readonly seconds: number; readonly cpu?: string; readonly backend?: string },
    ) => Promise<void>;
  }) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir();
  const environment = { backend: "one 1.0" };
  const engine = { workspace: workspaceAt(root), environment, pipeline: { replicates: ["seed"] } };
  const digestOf = ({ params }: Task) => String((params as { readonly size: number }).size).padStart(64, "0");
  await use({
    open: () => Estimator.open(engine as unknown as Engine),
    put: async (task, { seconds, cpu = cpus()[0].model.trim(), backend = environment.backend }) => {
      const inputs = Object.fromEntries(
        Object.entries(task.inputs).map(([name, input]) => [name, digestOf(input as Task)]),
      );
      const key = {
        stage: task.stage.name,
        params: task.params,
        code: {},
        packages: {},
        inputs,
        environment: { backend },
      };
      const dir = join(root, "artifacts", task.place, digestOf(task).slice(-16));
      const record = {
        format: 3,
        task: task.id,
        point: task.point,
        key,
        modules: {},
        files: {},
        meta: {},
        digest: digestOf(task),
      };
      const host = { cpu, cores: navigator.hardwareConcurrency, memory: 1, os: "Linux", gpu: null };
      const at = "2026-11-30T12:00:00.000Z";
      const run = {
        task: task.id,
        started: at,
        finished: at,
        seconds,
        peakMemory: 7,
        host,
        deno: "2",
        backend,
        command: "reproduce",
        commit: null,
        records: {},
      };
      await Deno.mkdir(dir, { recursive: true });
      await Deno.writeTextFile(join(dir, "artifact.json"), JSON.stringify(sealed(record)));
      await Deno.writeTextFile(join(dir, "run.json"), JSON.stringify(sealed(run)));
    },
  });
  await Deno.remove(root, { recursive: true });
}

function named(tasks: readonly Task[], id: string): Task {
  return tasks.find((task) => task.id === id)!;
}

Deno.test("a run tells of its stage and model on the same machine and backend, whatever the seed", async () => {
  await withStore(async ({ open, put }) => {
    const small = tasksOf({ source: 3, reader: 3 }), large = tasksOf({ source: 33, reader: 3 });
    await put(named(small, "source"), { seconds: 1 });
    await put(named(small, "reader[a,0]"), { seconds: 20 });
    await put(named(small, "reader[b,0]"), { seconds: 20, cpu: "another" });
    await put(named(small, "reader[b,1]"), { seconds: 20, backend: "two 1.0" });
    const estimator = await open();
    const of = async (tasks: readonly Task[], id: string) => {
      const { seconds, basis, memory } = await estimator.of({ task: named(tasks, id) });
      return [seconds, basis, memory];
    };
    assertEquals(await of(small, "reader[a,0]"), [20, "measured", 7]);
    assertEquals(await of(small, "reader[a,1]"), [20, "scaled", undefined]);
    // Declared: 10 s then, 100 s now, as its input is larger; its own parameters are the same.
    assertEquals(await of(large, "reader[a,0]"), [200, "scaled", undefined]);
    assertEquals(await of(small, "reader[b,0]"), [10, "stated", undefined]);
    assertEquals(await of(small, "source"), [1, "measured", 7]);
  });
});

Deno.test("of several runs the one of the most similar work is scaled", async () => {
  await withStore(async ({ open, put }) => {
    for (const [size, seconds] of [[3, 100], [33, 150]]) {
      const tasks = tasksOf({ source: size, reader: 3 });
      await put(named(tasks, "source"), { seconds: 1 });
      await put(named(tasks, "reader[a,0]"), { seconds });
    }
    const { seconds } = await (await open()).of({
      task: named(tasksOf({ source: 66, reader: 3 }), "reader[a,0]"),
    });
    assertEquals(seconds, 150 * 199 / 100);
  });
});

Deno.test("a unit that was timed is remembered for its stage and model until there is a run", async () => {
  await withStore(async ({ open, put }) => {
    const tasks = tasksOf({ source: 3, reader: 3 });
    await (await open()).remember(named(tasks, "reader[a,0]"), 6);
    const of = async (id: string, tasks: readonly Task[]) => {
      const { seconds, basis } = await (await open()).of({ task: named(tasks, id) });
      return [seconds, basis];
    };
    assertEquals(await of("reader[a,0]", tasks), [1 + 3 * 6, "timed"]);
    assertEquals(await of("reader[a,1]", tasksOf({ source: 33, reader: 3 })), [19 * 100 / 10, "timed"]);
    assertEquals(await of("reader[b,0]", tasks), [10, "stated"]);
    await put(named(tasks, "source"), { seconds: 1 });
    await put(named(tasks, "reader[a,1]"), { seconds: 30 });
    assertEquals(await of("reader[a,0]", tasks), [30, "scaled"]);
  });
});
