/** The profiles of this repository, and what the studies among them promise. */
import { assert, assertEquals } from "@std/assert";
import { checkedTasks, loadProfile, type Task } from "../../pipeline/mod.ts";
import { countParameters } from "../../treenet/nn/parameters.ts";
import { loadModel } from "../../treenet/models.ts";
import { pipeline } from "../../workflow/mod.ts";

const NAMES = [...Deno.readDirSync(`${pipeline.root}profiles`)].map(({ name }) => name)
  .filter((name) => name !== "profile.schema.json").map((name) => name.replace(".json", "")).sort();

interface Trained {
  readonly model: string;
  readonly type: string;
  readonly seed: number;
  readonly architecture: { readonly leaves: number; readonly channels: readonly number[] };
}

async function tasksOf(name: string): Promise<readonly Task[]> {
  return await checkedTasks(pipeline, await loadProfile(pipeline, { name, overrides: [] }));
}

const paramsOf = (tasks: readonly Task[], stage: string) =>
  tasks.filter((task) => task.stage.name === stage).map(({ params }) => params as unknown);

for (const name of NAMES) {
  Deno.test(`profile ${name} has a plan, which ends in a report unless it is for a comparison alone`, async () => {
    const last = (await tasksOf(name)).at(-1)!.stage.name;
    assertEquals(last, name === "beside-released" ? "curve" : "report");
  });
}

Deno.test("profile widths divides as many parameters among 1, 2, 4, 8 and 16 leaves, and differs in nothing else", async () => {
  const trained = paramsOf(await tasksOf("widths"), "train") as readonly Trained[];
  for (const type of ["dense-join", "avg-join"]) {
    const rows = trained.filter((row) => row.type === type);
    assertEquals(
      rows.map(({ seed, architecture: { leaves } }) => [leaves, seed]),
      [1, 2, 4, 8, 16].flatMap((m) => [0, 1, 2].map((seed) => [m, seed])),
    );
    const { build, config } = await loadModel(type);
    const counts = rows.map(({ architecture }) => {
      const { specs } = build(config.parse(architecture));
      return countParameters(specs.filter(({ name }) => name.startsWith("leaves.")));
    });
    for (const count of counts) assert(Math.abs(count / counts[0] - 1) < 0.05, String(counts));
    const rest = rows.map((
      { model: _, seed: __, architecture: { leaves: ___, channels: ____, ...shape }, ...own },
    ) => ({ ...own, shape }));
    for (const row of rest) assertEquals(row, rest[0]);
  }
});

Deno.test("trees of 8 leaves in widths are those of cpu, which are trained once", async () => {
  const [widths, cpu] = await Promise.all(["widths", "cpu"].map(tasksOf));
  const shared = ["train", "ema-teacher", "probe", "layer-probe"].flatMap((stage) =>
    ["dense-join", "avg-join"].flatMap((model) => [0, 1, 2].map((seed) => `${stage}[${model},${seed}]`))
  );
  const paramsIn = (tasks: readonly Task[]) => {
    const params = new Map(tasks.map(({ id, params }) => [id, params]));
    return shared.map((id) => params.get(id));
  };
  assert(paramsIn(cpu).every((params) => params !== undefined));
  assertEquals(paramsIn(widths), paramsIn(cpu));
});

Deno.test("profile long trains cpu's networks for a hundred passes, in the paper's schedule", async () => {
  const [long, cpu] = (await Promise.all(["long", "cpu"].map(tasksOf)))
    .map((tasks) => paramsOf(tasks, "train") as readonly (Trained & Readonly<Record<string, unknown>>)[]);
  assertEquals(long.map(({ model, seed, epochs }) => [model, seed, epochs]), [
    ["dense-join", 0, 100],
    ["avg-join", 0, 100],
    ["cnn", 0, 100],
  ]);
  const [{ warmupEpochs, warmupSteps, freezeEpochs, freezeSteps, momentum }] = long;
  assertEquals([warmupEpochs, warmupSteps, freezeEpochs, freezeSteps, momentum], [10, null, 1, null, 0.996]);
  for (const row of long) {
    const { architecture, batch, learningRate, head } = row;
    const short = cpu.find(({ model, seed }) => model === row.model && seed === 0)!;
    assertEquals([architecture, batch, learningRate, head], [
      short.architecture,
      short.batch,
      short.learningRate,
      short.head,
    ]);
  }
});
