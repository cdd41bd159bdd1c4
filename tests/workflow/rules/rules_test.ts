import { assert, assertEquals, assertRejects } from "@std/assert";
import { checkedTasks, loadProfile, UsageError } from "../../../pipeline/mod.ts";
import type { Artifact } from "../../../pipeline/stage.ts";
import { OFFICIAL_MD5 } from "../../../stages/download/official.ts";
import { pipeline } from "../../../workflow/mod.ts";
import { faultOfData } from "../../../workflow/rules/data.ts";
import { faultOf } from "../../../workflow/rules/mod.ts";
import { writeTinyCifar } from "../../fixtures/tiny_cifar.ts";
import { addTinyProfile } from "../../fixtures/tiny_profile.ts";

const check = async (
  overrides: readonly string[],
  { root, name } = { root: pipeline.root, name: "quick" },
) => {
  const there = { ...pipeline, root };
  return await checkedTasks(there, await loadProfile(there, { name, overrides }));
};

/** `--set …` of the quick profile → what is said of it. */
const REFUSED: Readonly<Record<string, string>> = {
  // Splits.
  "ema-teacher.trainImages=40":
    "ema-teacher.trainImages is 40, expected at least 100, so that each of probe.folds = 5 holds out 2",
  "ema-teacher.trainImages=99": "ema-teacher.trainImages is 99, expected at least 100",
  "probe.folds=50 ema-teacher.trainImages=990": "expected at least 1000, so that each of probe.folds = 50",
  "ema-teacher.testImages=10": "ema-teacher.testImages is 10, expected at least 20, 2 of each class",
  "ema-teacher.testImages=30": "ema-teacher.testImages is 30, expected at least 40, as saliency needs 2",
  "layer-probe.trainImages=30":
    "layer-probe.trainImages is 30, expected at least 80, so that layer-probe.holdout",
  "layer-probe.testImages=10": "layer-probe.testImages is 10, expected at least 20",
  "ensemble.trainImages=30 ensemble.testImages=10":
    "ensemble.testImages is 10, expected an integer in [20, 10000]",
  "curve.trainImages=20": "curve.trainImages is 20, expected at least 80, so that curve.holdout = 0.2",
  "curve.holdout=0.5 curve.trainImages=30": "curve.trainImages is 30, expected at least 40",
  "curve.testImages=10": "curve.testImages is 10, expected at least 20",
  "controls.trainImages=90": "controls.trainImages is 90, expected at least 100",
  "controls.testImages=19": "controls.testImages is 19, expected at least 20",
  "saliency.sanityImages=1000 ema-teacher.testImages=1000":
    "saliency.sanityImages is 1000, expected at most 500",
  // Neighbours and components.
  "probe.neighbours=[20,5000]":
    "probe.neighbours is [20,5000], expected each less than 5000, ema-teacher.trainImages",
  "curve.neighbours=320":
    "curve.neighbours is 320, expected less than 320, the training images that are not held out",
  "umap.images=40 umap.neighbors=20":
    "umap.neighbors is 20, expected less than 20, half of the images laid out",
  "umap.neighbors=30 ema-teacher.testImages=60": "umap.neighbors is 30, expected less than 30",
  "controls.patches.centroids=20000": "expected an integer in [1, 10000]",
  "controls.patches.centroids=9000 controls.patches.count=8000": "centroids is 9000, expected at most 8000",
  "controls.patches.centroids=1": "controls.patches.centroids is 1, expected at least 2",
  "controls.patches.size=31": "controls.patches.stride is 2, expected at most 1",
  "controls.patches.epsilon=0": "controls.patches.epsilon is 0, expected at least 1e-9",
  "controls.patches.epsilon=1e-300": "controls.patches.epsilon is 1e-300, expected at least 1e-9",
  "saliency.ridge=1e-300": "saliency.ridge is 1e-300, expected at least 1e-9, as outputs of a leaf may",
  "controls.components=1025":
    "controls.components is 1025, expected at most 1024, the features of all leaves of dense-join",
  "controls.components=200 controls.trainImages=200": "controls.components is 200, expected less than 200",
  // Seeds.
  "seeds=[0,0]": "seeds is [0,0], expected every seed once",
  "seeds=[4294967296]": "seeds.0 is 4294967296, expected an integer in [0, 4294967295]",
  "seeds=[-1]": "seeds.0 is -1, expected an integer in [0, 4294967295]",
  "seeds=[0.5]": "seeds.0 is 0.5, expected an integer in [0, 4294967295]",
  "seeds=[]": "seeds is [], expected a list of at least 1",
  "umap.layoutSeeds=[1,1]": "umap.layoutSeeds is [1,1], expected every seed once",
  "umap.layoutSeeds=[4294967296]": "umap.layoutSeeds is [4294967296], expected at most 4294967295",
  "umap.sampleSeed=4294967296": "umap.sampleSeed is 4294967296, expected at most 4294967295",
  "probe.foldSeed=1e10": "probe.foldSeed is 10000000000, expected at most 4294967295",
  // Fields that the workflow sets.
  "train.seed=3": "train.seed is 3, but every task is given its own, leave the field out",
  'train.architecture={"leaves":3}': 'train.architecture is {"leaves":3}, but every task is given its own',
  "report.profile=paper": 'report.profile is "paper", but every task is given its own',
  "probe.l2.min=11": "probe.l2.max is 1, is below min, expected at least min",
  // Lengths.
  "train.images=4097": "train.images is 4097, expected at most 4096, augment-cache.images",
  "train.batch=8192 train.microBatch=8192":
    "train.batch is 8192, expected at most 4096, the images of an epoch",
  "train.images=32": "train.batch is 64, expected at most 32, the images of an epoch",
  "train.microBatch=48": "train.microBatch is 48, expected a divisor of train.batch, which is 64",
  "train.microBatch=128": "train.microBatch is 128, expected a divisor of train.batch, which is 64",
  "train.warmupSteps=64": "train.warmupSteps is 64, expected less than 64, the steps of the run",
  "train.warmupSteps=null": "train.warmupEpochs is 10, expected less than 1, train.epochs",
  "train.freezeSteps=64": "train.freezeSteps is 64, expected less than 64, the steps of the run",
  "train.freezeSteps=null": "train.freezeEpochs is 1, expected less than 1, train.epochs",
  "train.teacherTemperatureWarmup.steps=65":
    "train.teacherTemperatureWarmup.steps is 65, expected at most 64",
  "train.snapshots=64": "train.snapshots is 64, expected at most 63, the steps of the run without its last",
  "augment-cache.rounds=2": "augment-cache.rounds is 2, expected at most 1, train.epochs",
  // Trainings.
  "train.momentum=0.9 train.finalMomentum=0.5":
    "train.momentum is 0.9, expected at most 0.5, train.finalMomentum",
  "train.studentTemperature=0.0001": "train.studentTemperature is 0.0001, expected a number in [0.001, 10]",
  "train.teacherTemperature=0": "train.teacherTemperature is 0, expected a number in [0.001, 10]",
  "train.teacherTemperatureWarmup.from=0": "train.teacherTemperatureWarmup.from is 0, expected a number in",
  "train.method=byoll": 'train.method is "byoll", there is no such method, did you mean "byol"',
  "train.method=byol train.head.hiden=3": 'unknown field train.head.hiden, did you mean "hidden"',
  "train.method=byol train.centreMomentun=1":
    'unknown field train.centreMomentun, did you mean "centreMomentum"',
  "probe.temperature=0.001": "probe.temperature is 0.001, expected at least 0.002",
  "curve.temperature=0.001": "curve.temperature is 0.001, expected at least 0.002",
  "train.leafCosine=0.1": "train.leafCosine is 0.1, expected 0, as cnn has 1 leaf",
  "augment-cache.globals.count=1": "augment-cache.globals.count is 1, expected at least 2",
  "augment-cache.globals.scale=[1,0.5]":
    "augment-cache.globals.scale is [1,0.5], expected [low, high] with low ≤ high",
  "augment-cache.aspect=[70,80]": "augment-cache.aspect is [70,80], expected [low, high] with low ≤ 64",
  "augment-cache.locals.size=8":
    "augment-cache.locals.size is 8, expected at least 12, of which the strides of dense-join",
  "augment-cache.globals.size=11": "augment-cache.globals.size is 11, expected at least 12",
  "models.cnn.strides=[4,4,4,1,1]":
    "models.cnn.strides is [4,4,4,1,1], expected strides that leave a pixel of 32 × 32",
  "models.cnn.leafSize=1":
    "models.cnn.leafSize is 1, expected an embedding of at least 2, as umap starts from two",
  "models.dense-join.joinWidths=[9,1]": "models.dense-join.joinWidths is [9,1], expected an embedding of",
  "models={}": "models is {}, expected at least one model",
};

Deno.test("settings that do not go together are refused with the field, the value and the range", async () => {
  for (const [overrides, said] of Object.entries(REFUSED)) {
    const error = await assertRejects(() => check(overrides.split(" ")), UsageError, said, overrides);
    assert(error.message.startsWith('Cannot parse profile "quick": '), error.message);
  }
});

Deno.test("settings at the bound are taken", async () => {
  const taken = [
    "ema-teacher.trainImages=201 ema-teacher.testImages=42 saliency.sanityImages=21 umap.neighbors=15",
    "curve.trainImages=80 curve.neighbours=59",
    "train.warmupSteps=63 train.freezeSteps=63 train.snapshots=63 train.microBatch=32",
    "train.method=byol train.freezeSteps=64",
    "augment-cache.locals.size=12",
    "augment-cache.locals.count=0 augment-cache.locals.size=2",
    "seeds=[0,4294967295]",
    "umap.layoutSeeds=[0,4294967295]",
    "controls.components=1024",
    "probe.l2.count=1 probe.l2.min=0.1 probe.l2.max=0.1",
  ];
  for (const overrides of taken) assert((await check(overrides.split(" "))).length > 0, overrides);
});

Deno.test("a leaf penalty is taken where every model has leaves", async () => {
  const trees = ['models={"dense-join":{"leaves":2},"random-leaves":{"leaves":2}}', "train.leafCosine=0.1"];
  const rest = ["augment-cache.locals.size=13"];
  assertEquals((await check([...trees, ...rest])).filter(({ stage }) => stage.name === "train").length, 2);
  await assertRejects(
    () => check(['models={"dense-join":{"leaves":1}}', trees[1]]),
    UsageError,
    "has 1 leaf",
  );
});

Deno.test("the profile of the tests is taken", async () => {
  const dir = await Deno.makeTempDir();
  await Deno.mkdir(`${dir}/profiles`);
  await addTinyProfile({ dir } as Parameters<typeof addTinyProfile>[0]);
  await check([], { root: dir, name: "tiny" });
  await Deno.remove(dir, { recursive: true });
});

Deno.test("a data set of one's own with fewer images of a class than are to be judged is refused", async () => {
  const dir = await Deno.makeTempDir();
  const md5 = await writeTinyCifar(dir, { perBatch: 12 });
  const artifact = (digests = md5) => ({ dir, key: { params: { md5: digests } } }) as unknown as Artifact;
  const asked = (params: unknown) => [{ stage: { name: "probe" }, params }];
  assertEquals(
    await faultOfData(artifact(), asked({ trainImages: 50, testImages: 10, images: 99 })),
    undefined,
  );
  assertEquals(await faultOfData(artifact(), asked({ trainImages: 51 })), {
    field: "probe.trainImages",
    found: 51,
    expected: "at most 50, as the data set has 5 train images of class bird",
  });
  assertEquals((await faultOfData(artifact(), asked({ testImages: 11 })))?.field, "probe.testImages");
  assertEquals(await faultOfData(artifact(OFFICIAL_MD5), asked({ trainImages: 50_000 })), undefined);
  await Deno.remove(dir, { recursive: true });
  assertEquals(await faultOfData(artifact(), asked({ trainImages: 51 })), undefined);
});

Deno.test("a seed of a stage without rules of its own is held to 32 bits too", () => {
  const known = { of: () => undefined as never, networks: {} };
  assertEquals(faultOf("mine", { inner: { drawSeeds: [1, 2 ** 32] } }, known)?.field, "mine.inner.drawSeeds");
  assertEquals(faultOf("mine", { inner: { drawSeeds: [1, 2 ** 32 - 1] } }, known), undefined);
});
