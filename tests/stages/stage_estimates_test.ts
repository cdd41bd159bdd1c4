import { assert, assertEquals, assertGreater } from "@std/assert";
import { checkedTasks, type Estimate, loadProfile, type Task } from "../../pipeline/mod.ts";
import { pipeline } from "../../workflow/mod.ts";

async function tasksOf(name: string, ...overrides: string[]): Promise<readonly Task[]> {
  return await checkedTasks(pipeline, await loadProfile(pipeline, { name, overrides }));
}

async function modulesOf({ stage, params }: Task): Promise<Record<string, unknown>> {
  const urls = Object.entries<string>(stage.modules?.(params) ?? {});
  return Object.fromEntries(await Promise.all(urls.map(async ([name, url]) => [name, await import(url)])));
}

/** The estimate that a task's stage declares. */
async function estimateOf(task: Task): Promise<Estimate> {
  const inputs = Object.entries(task.inputs).filter((entry): entry is [string, Task] => "params" in entry[1]);
  return task.stage.estimate!(task.params, {
    modules: await modulesOf(task),
    inputs: Object.fromEntries(
      await Promise.all(inputs.map(async ([name, input]) => [
        name,
        { params: input.params, modules: await modulesOf(input) },
      ])),
    ),
  });
}

async function secondsOf(tasks: readonly Task[], id: string): Promise<number> {
  return (await estimateOf(tasks.find((task) => task.id === id)!)).seconds!;
}

Deno.test("every task of every profile has an estimate, of which its units are a part", async () => {
  for (const name of ["quick", "cpu", "paper"]) {
    for (const task of await tasksOf(name)) {
      const { seconds, units, disk, memory } = await estimateOf(task);
      for (const value of [seconds!, disk!, memory!]) assert(value > 0 && Number.isFinite(value), task.id);
      if (units) assert(units.seconds < seconds! && Number.isInteger(units.count), task.id);
    }
  }
});

/** A setting, doubled or tenfold → the task whose estimate has to follow it, and how much at least. */
const SETTINGS: readonly (readonly [string, string, number])[] = [
  ["train.epochs=2", "train[cnn,0]", 1.8],
  ["train.images=2048", "train[cnn,0]", 0.4],
  ["train.maxSteps=6", "train[cnn,0]", 0.05],
  ["models.cnn.channels=[64,64,64,64,64]", "train[cnn,0]", 1.2],
  ["train.head.prototypes=65536", "train[cnn,0]", 1.5],
  ["ema-teacher.trainImages=50000", "ema-teacher[cnn,0]", 5],
  ["ema-teacher.trainImages=50000", "probe[cnn,0]", 5],
  ["models.cnn.leafSize=1024", "probe[cnn,0]", 4],
  ["probe.l2.count=60", "probe[cnn,0]", 2],
  ["layer-probe.trainImages=20000", "layer-probe[dense-join,0]", 4],
  ["ensemble.trainImages=20000", "ensemble[dense-join,0]", 3],
  ["curve.trainImages=10000", "curve[dense-join,0]", 8],
  ["train.snapshots=9", "curve[dense-join,0]", 2],
  ["saliency.images=2000", "saliency[dense-join,0]", 2],
  ["saliency.smoothSamples=900", "saliency[resnet50,0]", 2],
  ["umap.epochs=2000", "umap[cnn,0]", 2],
  ["umap.images=5000", "umap[cnn,0]", 2],
  ["controls.trainImages=50000", "controls[0]", 4],
  ["controls.patches.centroids=1600", "controls[0]", 4],
  ["augment-cache.images=40960", "augment-cache[0]", 2],
];

Deno.test("estimates grow with what the profile asks for", async () => {
  const plain = await tasksOf("quick");
  for (const [setting, id, factor] of SETTINGS) {
    const [before, after] = [
      await secondsOf(plain, id),
      await secondsOf(await tasksOf("quick", setting), id),
    ];
    assertGreater(after / before, factor, `${setting}: ${id}`);
    if (factor < 1) assertGreater(1, after / before, `${setting}: ${id}`);
  }
});

Deno.test("the report is told what each view costs a model, counted layer by layer", async () => {
  const [report] = (await tasksOf("paper")).filter(({ id }) => id === "report");
  const { viewCosts } = report.params as { readonly viewCosts: Record<string, Record<string, number>> };
  assertEquals(Object.keys(viewCosts).length, 5);
  // A view of 13 pixels costs 37.8% of one of 32, not (13/32)² = 16.5%.
  assertEquals(viewCosts.resnet50, { 13: 31_525_056, 32: 83_410_944 });
  assertEquals(viewCosts.cnn[32], 2_071_315_328);
});
