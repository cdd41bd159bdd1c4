import { assertEquals, assertRejects } from "@std/assert";
import { checkedTasks, loadProfile, type ProfileData, type Task, UsageError } from "../../pipeline/mod.ts";
import { pipeline } from "../../workflow/mod.ts";
import { merged } from "../../workflow/variants.ts";

const TREE = { leaves: 2, channels: [4, 4], strides: [2, 1], leafSize: 64 };

/** Tasks of the quick profile with other models. */
async function tasksWith(models: unknown, header: object = { seeds: [0, 1] }): Promise<readonly Task[]> {
  const quick = await loadProfile(pipeline, { name: "quick", overrides: [] });
  const data = { ...quick.data, ...header, models } as ProfileData;
  pipeline.header.shape.models.parse(models);
  return await checkedTasks(pipeline, { ...quick, data });
}

function paramsOf(tasks: readonly Task[], id: string) {
  return tasks.find((task) => task.id === id)!.params as Record<string, unknown>;
}

Deno.test("variants of one type have names, seeds and sections of their own, and share what does not differ by model", async () => {
  const tasks = await tasksWith({
    "dense-join": TREE,
    "m4": {
      type: "dense-join",
      ...TREE,
      leaves: 4,
      seeds: [1],
      train: { method: "byol", head: { hidden: 9 } },
    },
    "cnn": { channels: [4], strides: [2], probe: { neighbours: [3] } },
  });
  const ids = tasks.map(({ id }) => id);
  assertEquals(ids.filter((id) => id.startsWith("train[")), [
    "train[dense-join,0]",
    "train[dense-join,1]",
    "train[m4,1]",
    "train[cnn,0]",
    "train[cnn,1]",
  ]);
  assertEquals(ids.filter((id) => /^(download|augment-cache|report)/.test(id)), [
    "download",
    "augment-cache[0]",
    "augment-cache[1]",
    "report",
  ]);
  const [standard, variant] = ["train[dense-join,1]", "train[m4,1]"].map((id) => paramsOf(tasks, id));
  assertEquals([standard.type, variant.type, variant.model], ["dense-join", "dense-join", "m4"]);
  assertEquals(variant.architecture, { ...TREE, leaves: 4 });
  assertEquals([standard.method, variant.method], ["dino", "byol"]);
  assertEquals((variant.head as { hidden: number; bottleneck: number }).hidden, 9);
  assertEquals(
    (variant.head as { bottleneck: number }).bottleneck,
    (standard.head as { bottleneck: number }).bottleneck,
  );
  assertEquals(variant.learningRate, standard.learningRate);
  const neighbours = ["cnn", "m4"].map((model) => paramsOf(tasks, `probe[${model},1]`).neighbours);
  assertEquals(neighbours, [[3], [20, 200]]);
  const { stage, params } = tasks.find(({ id }) => id === "train[m4,1]")!;
  assertEquals(stage.modules!(params).model.split("/").at(-1), "dense_join.ts");
});

Deno.test("views of one training are its own, and are checked as those of augment-cache are", async () => {
  const views = { globals: { size: 64, scale: [0.5, 1] }, locals: { count: 0 } };
  const tasks = await tasksWith({ wide: { type: "avg-join", ...TREE, train: { views } } });
  const made = paramsOf(tasks, "train[wide,0]").views as { globals: object; locals: { count: number } };
  assertEquals([made.globals, made.locals.count], [{ count: 2, size: 64, scale: [0.5, 1] }, 0]);
  await assertRejects(
    () => tasksWith({ wide: { type: "avg-join", ...TREE, train: { views: { globals: { size: 2 } } } } }),
    UsageError,
    "train.views.globals.size is 2",
  );
});

Deno.test("a variant has no part in the stages that it goes without, and none may read what is left out", async () => {
  const tasks = await tasksWith({ cnn: { without: ["umap", "curve"], seeds: [0] }, "avg-join": TREE });
  const ids = tasks.map(({ id }) => id).filter((id) => /^(umap|curve|probe)/.test(id));
  assertEquals(ids.filter((id) => id.includes("cnn")), ["probe[cnn,0]"]);
  assertEquals(ids.filter((id) => id.includes("avg-join")).length, 6);
  await assertRejects(
    () => tasksWith({ cnn: { without: ["ema-teacher"] } }),
    UsageError,
    "Cannot match ema-teacher to probe[cnn,0]: it is left out there",
  );
});

const REFUSED: readonly (readonly [string, object, string])[] = [
  [
    "a seed that the profile lacks",
    { cnn: { seeds: [7] } },
    "models.cnn.seeds has 7, expected some of the profile's seeds, 0, 1",
  ],
  [
    "a section that does not differ by model",
    { cnn: { controls: {} } },
    "models.cnn.controls cannot differ by model",
  ],
  [
    "a stage to go without that is shared",
    { cnn: { without: ["report"] } },
    'models.cnn.without has "report"',
  ],
  ["an unknown field of a section", { cnn: { train: { epoch: 1 } } }, "unknown field models.cnn.train.epoch"],
  ["a value outside its range", { cnn: { train: { epochs: 0 } } }, "models.cnn.train.epochs is 0"],
  ["an unknown field of a type", { a: { type: "cnn", leaves: 2 } }, "unknown field models.a.leaves"],
  ["a section that is no object", { cnn: { train: 3 } }, "models.cnn.train is 3, expected an object"],
];

for (const [what, models, message] of REFUSED) {
  Deno.test(`${what} is refused by name`, async () => {
    await assertRejects(() => tasksWith(models), UsageError, message);
  });
}

const NAMES: readonly (readonly [string, object, string])[] = [
  [
    "an unknown type",
    { a: { type: "dense-joint" } },
    'there is no model "dense-joint", did you mean "dense-join"',
  ],
  ["a name that is no type, without one", { a: {} }, 'there is no model "a"'],
  ["the name of another type", { cnn: { type: "avg-join" } }, "is the name of a type"],
  ["a name that breaks a task's", { "a,b": { type: "cnn" } }, "expected a name of letters"],
  [
    "a name that differs from another by punctuation",
    { "m-16": { type: "cnn" }, "M+16": { type: "cnn" } },
    'differs from "M+16" by capital letters and punctuation alone',
  ],
  ["a name with a path", { "../a": { type: "cnn" } }, "expected a name of letters"],
];

for (const [what, models, message] of NAMES) {
  Deno.test(`${what} is refused`, () => {
    const { error } = pipeline.header.shape.models.safeParse(models);
    assertEquals(error?.issues[0].message.includes(message), true, error?.issues[0].message);
  });
}

Deno.test("changes of a section replace its fields one by one, lists whole", () => {
  const section = { a: 1, list: [1, 2], inner: { b: 2, c: 3 } };
  assertEquals(merged(section, { list: [3], inner: { b: 4 }, d: null }), {
    a: 1,
    list: [3],
    inner: { b: 4, c: 3 },
    d: null,
  });
  assertEquals([merged(section, 3), merged(undefined, { a: 1 })], [3, { a: 1 }]);
});
