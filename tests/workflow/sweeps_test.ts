import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  checkedTasks,
  type Json,
  loadProfile,
  type ProfileData,
  type Task,
  UsageError,
} from "../../pipeline/mod.ts";
import { parseSweep } from "../../pipeline/tasks/sweep.ts";
import quick from "../../profiles/quick.json" with { type: "json" };
import { pipeline } from "../../workflow/mod.ts";
import type { SweptModel } from "../../workflow/sweeps.ts";

const cnn = quick.models.cnn, tree = quick.models["dense-join"];
const two = { "dense-join": tree, cnn };

/** The quick profile with other models, swept. */
async function swept(models: object, ...sweeps: readonly string[]): Promise<ProfileData> {
  return await pipeline.sweep!({ ...quick, models } as unknown as ProfileData, sweeps.map(parseSweep));
}

const modelsOf = (data: ProfileData) => data.models as Readonly<Record<string, ProfileData>>;
const namesOf = (data: ProfileData) => Object.keys(modelsOf(data));
const pointsOf = (data: ProfileData) => data.sweep as unknown as readonly SweptModel[];

async function tasksOf(...sweeps: readonly string[]): Promise<readonly Task[]> {
  const loaded = await loadProfile(pipeline, { name: "quick", overrides: [], sweeps });
  return await checkedTasks(pipeline, loaded);
}

Deno.test("a field of a model gives one variant a value, and leaves the other models as they are", async () => {
  const data = await swept(two, "models.dense-join.leaves=1,2,4");
  assertEquals(namesOf(data), ["dense-join+leaves=1", "dense-join+leaves=2", "dense-join+leaves=4", "cnn"]);
  assertEquals(modelsOf(data)["dense-join+leaves=2"], { ...tree, type: "dense-join", leaves: 2 });
  assertEquals(modelsOf(data).cnn, cnn as unknown as ProfileData);
  assertEquals(pointsOf(data)[1], { model: "dense-join+leaves=2", of: "dense-join", values: { leaves: 2 } });
  assertEquals(pointsOf(data).length, 3);
});

Deno.test("a field of a stage is swept for every model, all combinations with the fields of one", async () => {
  const data = await swept(two, "train.learningRate=0.1,0.2", "models.dense-join.leaves=1,2");
  assertEquals(namesOf(data), [
    "dense-join+leaves=1+learningRate=0.1",
    "dense-join+leaves=1+learningRate=0.2",
    "dense-join+leaves=2+learningRate=0.1",
    "dense-join+leaves=2+learningRate=0.2",
    "cnn+learningRate=0.1",
    "cnn+learningRate=0.2",
  ]);
  assertEquals(modelsOf(data)["cnn+learningRate=0.2"].train, { learningRate: 0.2 });
  assertEquals(pointsOf(data)[3].values, { "leaves": 2, "train.learningRate": 0.2 });
});

Deno.test("the order of sweeps changes nothing", async () => {
  const [a, b] = ["train.clip=1,2", "models.cnn.leafSize=8,16"];
  assertEquals(await swept(two, a, b), await swept(two, b, a));
});

Deno.test("a value that the model has, stated or by default, is the model itself", async () => {
  const leaves = await swept(two, "models.dense-join.leaves=4,8");
  assertEquals(namesOf(leaves), ["dense-join+leaves=4", "dense-join", "cnn"]);
  assertEquals(modelsOf(leaves)["dense-join"], tree as unknown as ProfileData);
  assertEquals(pointsOf(leaves)[1], { model: "dense-join", of: "dense-join", values: { leaves: 8 } });
  const methods = await swept({ cnn }, "train.method=dino,byol");
  assertEquals(namesOf(methods), ["cnn", "cnn+method=byol"]);
  assertEquals(namesOf(await swept({ cnn }, "models.cnn.kernel=2,3")), ["cnn", "cnn+kernel=3"]);
  assertEquals(namesOf(await swept({ cnn }, "train.epochs=1,2")), ["cnn", "cnn+epochs=2"]);
});

Deno.test("the name of a variant says no more than what differs, so another sweep finds it again", async () => {
  const both = namesOf(await swept({ cnn }, "train.method=dino,byol", "train.clip=1,3"));
  assertEquals(both, ["cnn+clip=1", "cnn+clip=1+method=byol", "cnn", "cnn+method=byol"]);
});

Deno.test("a section of one model alone is swept, merged with what it states", async () => {
  const head = { hidden: 64, bottleneck: 32 };
  const models = { cnn, "cnn.wide": { type: "cnn", ...cnn, train: { clip: 1, head } } };
  const data = await swept(models, "models.cnn.wide.train.head.hidden=16,32");
  assertEquals(namesOf(data), ["cnn", "cnn.wide+hidden=16", "cnn.wide+hidden=32"]);
  assertEquals(modelsOf(data)["cnn.wide+hidden=16"].train, { clip: 1, head: { hidden: 16, bottleneck: 32 } });
});

Deno.test("a model without a stage is not swept over the fields of that", async () => {
  const data = await swept({ cnn, small: { type: "cnn", without: ["curve"] } }, "curve.batch=10,11");
  assertEquals(namesOf(data), ["cnn+batch=10", "cnn+batch=11", "small"]);
});

Deno.test("two fields with one last name are told apart by all of theirs", async () => {
  const names = namesOf(await swept({ cnn }, "curve.batch=10", "saliency.batch=11"));
  assertEquals(names, ["cnn+curve.batch=10+saliency.batch=11"]);
});

/** A value → the end of its variant's name. */
const NAMED: readonly (readonly [Json, string])[] = [
  [[1, 1, 1, 1, 1], "strides=1-1-1-1-1"],
  [[2, -1], "strides=2-minus1"],
  [-1, "strides=minus1"],
  [null, "strides=null"],
  ["a/b c", "strides=a-b-c"],
];

Deno.test("a value is in the name in safe characters, a long one by its digest", async () => {
  for (const [value, end] of NAMED) {
    const [name] = namesOf(
      await pipeline.sweep!({ ...quick, models: { cnn } } as never, [{
        field: "models.cnn.strides",
        values: [value],
      }]),
    );
    assertEquals(name, `cnn+${end}`);
  }
  const [long] = namesOf(
    await swept({ cnn }, `models.cnn.channels=[[${Array(7).fill(4096)}]]`),
  );
  assert(/^cnn\+channels=[0-9a-f]{8}$/.test(long), long);
  const far = { ["c".repeat(78)]: { type: "cnn", ...cnn } };
  const [name] = namesOf(await swept(far, "train.clip=1"));
  assert(/^c{71}-[0-9a-f]{8}$/.test(name), name);
});

Deno.test("a sweep is one graph, and what all models share is computed once", async () => {
  const tasks = await tasksOf("models.cnn.leafSize=64,128", "models.cnn.train.method=byol,dino");
  const ids = tasks.map(({ id }) => id);
  assertEquals(ids.filter((id) => /^(download|augment-cache|report)/.test(id)).length, 3);
  assertEquals(ids.filter((id) => id.startsWith("train[cnn")), [
    "train[cnn+leafSize=64+method=byol,0]",
    "train[cnn+leafSize=64,0]",
    "train[cnn+method=byol,0]",
    "train[cnn,0]",
  ]);
  const plain = new Map((await tasksOf()).map((task) => [task.id, task.params]));
  const trained = tasks.find(({ id }) => id === "train[cnn,0]")!;
  assertEquals(trained.params, plain.get("train[cnn,0]"));
  const { sweep } = tasks.find(({ id }) => id === "report")!.params as {
    readonly sweep: readonly SweptModel[];
  };
  assertEquals(sweep.map(({ model }) => model).length, 4);
  assertEquals((plain.get("report") as { readonly sweep: readonly SweptModel[] }).sweep, []);
});

Deno.test("a report of a sweep has a folder of its own, for every sweep another", async () => {
  const folders = await Promise.all([
    { overrides: [], sweeps: ["train.clip=1,2"] },
    { overrides: [], sweeps: ["train.clip=1"] },
    { overrides: ["train.clip=1"], sweeps: [] },
    { overrides: ["train.batch=32"], sweeps: ["train.clip=1,2"] },
    { overrides: [], sweeps: [] },
  ].map(async (options) => (await loadProfile(pipeline, { name: "quick", ...options })).report));
  assertEquals(folders.slice(0, 1), ["quick+sweep=train.clip=1,2"]);
  assertEquals(new Set(folders).size, folders.length);
});

/** `--sweep` → what is said of it. */
const REFUSED: readonly (readonly [string, string])[] = [
  [
    "seeds=0,1",
    "Cannot sweep seeds: every model is trained with each of its seeds already, state them all: --set",
  ],
  [
    "models.cnn.seeds=0,1",
    "Cannot sweep models.cnn.seeds: every model is trained with each of its seeds already",
  ],
  [
    "augment-cache.rounds=0,1",
    "augment-cache is computed once for all models, so that no model has a value of its own",
  ],
  ["controls.components=1,2", "controls is computed once for all models"],
  ["report.profile=a,b", "report is computed once for all models"],
  ["models.cnn.download.md5=1,2", "download is computed once for all models"],
  ["summary=a,b", "only fields of models and of stages that run for every model can be swept"],
  ["tran.epochs=1,2", 'can be swept, did you mean "train"'],
  ["models.cn.leafSize=1,2", 'Cannot sweep models.cn.leafSize: there is no model "cn", did you mean "cnn"'],
  ["models=1,2", "Cannot sweep models: name a field of a model: models.dense-join.…"],
  ["models.cnn=1,2", "Cannot sweep models.cnn: name a field of models.cnn"],
  ["train=1,2", "Cannot sweep train: name a field of train"],
  ["models.cnn.train=1,2", "Cannot sweep models.cnn.train: name a field of models.cnn.train"],
  ["models.cnn.leafsize=1,2", 'unknown field models.cnn+leafsize=1.leafsize, did you mean "leafSize"'],
  ["train.epoch=1,2", "unknown field models.dense-join+epoch=1.train.epoch"],
  ["train.epochs=0,2", "models.dense-join+epochs=0.train.epochs is 0, expected an integer in [1, 100000]"],
  ["train.seed=1,2", "train.seed is 1, but every task is given its own"],
  ["models.cnn.leafSize=1,64", "models.cnn+leafSize=1.leafSize is 1, expected an embedding of at least 2"],
  ["models.cnn.type=cn,cnn", 'there is no model "cn", did you mean "cnn"'],
  [
    `train.batch=${Array.from({ length: 201 }, (_, i) => i + 2)}`,
    "all combinations make 1005 models, expected at most 1000",
  ],
];

Deno.test("a sweep that cannot be is refused with its field and what to do", async () => {
  for (const [sweep, said] of REFUSED) await assertRejects(() => tasksOf(sweep), UsageError, said, sweep);
});

Deno.test("one field of one model is not swept twice", async () => {
  await assertRejects(
    () => swept(two, "train.clip=1,2", "models.cnn.train.clip=3"),
    UsageError,
    "is swept too and is the same field of",
  );
  await assertRejects(
    () => swept({ cnn, "cnn+leafSize=3": { type: "cnn" } }, "models.cnn.leafSize=3"),
    UsageError,
    "two models would be called cnn+leafSize=3",
  );
});
