import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Json } from "../../../pipeline/stage.ts";
import train from "../../../stages/train/mod.ts";
import { loadCheckpoint, saveCheckpoint } from "../../../stages/train/checkpoint.ts";
import { lengthOf, snapshotSteps } from "../../../stages/train/length.ts";
import { batchAt } from "../../../stages/train/view_source.ts";
import { methodNames } from "../../../treenet/models.ts";
import { readCsv } from "../../../formats/csv.ts";
import { readSafetensors } from "../../../formats/safetensors.ts";
import { ARCHITECTURES, digests, type RunOptions, Workshop } from "./short_training.ts";

const COLUMNS = "step,images,loss,lr,weight_decay,momentum,teacher_entropy,kl,feature_sd,rankme,leaf_cosine";

const shop = new Workshop();
const data = await shop.data();
const stored = await shop.views(data, 1);
const fresh = await shop.views(data, 0);

function run(
  { model = "dense-join", section = {}, views = stored, ...options }: RunOptions & {
    readonly model?: string;
    readonly section?: Readonly<Record<string, Json>>;
    readonly views?: typeof stored;
  } = {},
) {
  return shop.run(train, shop.trainParams(model, section), { data, views }, options);
}

/** Aborts when so many images were seen. */
async function interrupted(
  scratch: string,
  images: number,
  section: Readonly<Record<string, string | number>>,
): Promise<void> {
  const stop = new AbortController();
  const progress = (done: number) => {
    if (done >= images) stop.abort(new Error("killed"));
  };
  await assertRejects(() => run({ scratch, section, signal: stop.signal, progress }), Error, "killed");
}

for (const model of Object.keys(ARCHITECTURES)) {
  Deno.test(`train: ${model} leaves a log, student, teacher and optimiser, and says what it saw`, async () => {
    const { out, meta } = await run({ model });
    assertEquals(Object.keys(await digests(out)), [...train.outputs].sort());
    assertEquals([meta.model, meta.steps, meta.images, meta.epochs], [model, 6, 60, 2]);
    const { columns, rows } = await readCsv(`${out}/log.csv`);
    assertEquals(columns.join(), COLUMNS);
    assertEquals(rows.map((row) => row.images), ["10", "20", "30", "40", "50", "60"]);
    assertEquals(meta.loss, { first: Number(rows[0].loss), last: Number(rows[5].loss) });
    const [student, teacher] = await Promise.all(
      ["student", "teacher"].map((who) => readSafetensors(`${out}/${who}.safetensors`)),
    );
    assertEquals(Object.keys(student.tensors), Object.keys(teacher.tensors));
    assert(Object.keys(student.tensors).some((name) => name.startsWith("head.")));
    assertEquals(student.metadata, { model, seed: "0", step: "6" });
  });
}

for (const method of methodNames()) {
  Deno.test(`train: a run of ${method} that was stopped twice ends with the bytes of a straight one`, async () => {
    const section = { method, snapshots: 2, leafCosine: 0.1 };
    const straight = await run({ section });
    const scratch = shop.folder();
    await interrupted(scratch, 20, section);
    await interrupted(scratch, 50, section);
    const resumed = await run({ scratch, section });
    assertEquals(resumed.records.resumedFrom, 5);
    const files = await digests(straight.out);
    assertEquals(Object.keys(files).filter((name) => name.startsWith("snapshots/")).length, 2);
    assertEquals(await digests(resumed.out), files);
    assertEquals(resumed.meta, straight.meta);
  });
}

Deno.test("train: snapshots are named by the images seen and hold the teacher's encoder alone", async () => {
  const { out } = await run({ section: { snapshots: 2 } });
  const names = Object.keys(await digests(`${out}/snapshots`));
  assertEquals(names, ["20.safetensors", "40.safetensors"]);
  const { tensors, metadata } = await readSafetensors(`${out}/snapshots/20.safetensors`);
  assertEquals(metadata, { model: "dense-join", seed: "0", step: "2" });
  const { tensors: teacher } = await readSafetensors(`${out}/teacher.safetensors`);
  const encoder = Object.keys(teacher).filter((name) => name.startsWith("encoder."));
  assertEquals(Object.keys(tensors).map((name) => `encoder.${name}`), encoder);
});

Deno.test("train: snapshots are evenly spaced between the start and the end, which are none", () => {
  const of = (snapshots: number, steps: number, until = steps) =>
    snapshotSteps({ snapshots }, { steps, until });
  assertEquals(of(3, 100), [25, 50, 75]);
  assertEquals(of(3, 100, 50), [25]);
  assertEquals(of(0, 100), []);
  assertEquals(of(10, 3), [1, 2]);
});

Deno.test("train: BYOL leaves the columns empty that it has no numbers for, and no predictor in the teacher", async () => {
  const { out, meta } = await run({ section: { method: "byol" } });
  const { rows } = await readCsv(`${out}/log.csv`);
  assertEquals(rows.map(({ teacher_entropy, kl }) => [teacher_entropy, kl]), rows.map(() => ["", ""]));
  assert(rows.every(({ loss, feature_sd }) => Number(loss) > 0 && Number(feature_sd) > 0));
  assertEquals([meta.method, meta.health], ["byol", "too short to judge"]);
  const [student, teacher, optimizer] = await Promise.all(
    ["student", "teacher", "optimizer"].map(async (who) =>
      Object.keys((await readSafetensors(`${out}/${who}.safetensors`)).tensors)
    ),
  );
  assertEquals(
    student.filter((name) => !teacher.includes(name)).every((name) => name.includes("predictor")),
    true,
  );
  assertEquals(optimizer.includes("centre"), false);
});

Deno.test("train: leaves that are trained independently have heads and centres of their own", async () => {
  const { out } = await run({ model: "independent-leaves" });
  const named = async (file: string, part: string) => {
    const { tensors } = await readSafetensors(`${out}/${file}.safetensors`);
    return Object.keys(tensors).filter((name) => name.endsWith(part)).sort();
  };
  assertEquals(await named("optimizer", "centre"), ["centre", "leaf1.centre", "leaf2.centre"]);
  assertEquals(
    await named("teacher", "last_layer.weight_v"),
    ["", "leaf1.", "leaf2."].map((of) => `head.${of}last_layer.weight_v`),
  );
});

Deno.test("train: leaves that are to differ are an error where there is one", async () => {
  await assertRejects(
    () => run({ model: "cnn", section: { leafCosine: 0.1 } }),
    RangeError,
    "Cannot penalise how alike the leaves of cnn are: it has 1",
  );
});

Deno.test("train: a collapse is named, with its first step, and does not stop the run", async () => {
  // A teacher this soft is uniform to float32's precision for every image.
  const section = { images: 2, batch: 2, epochs: 540, teacherTemperature: 10 };
  const { meta } = await run({ model: "cnn", section });
  assertEquals([meta.steps, meta.health], [540, "collapsed: uniform"]);
  assert(meta.collapsedSince! > 1 && meta.collapsedSince! <= 41, String(meta.collapsedSince));
});

Deno.test("train: a run says what share of its time it waited for views", async () => {
  const { records } = await run({ views: fresh });
  const share = records.waitedForViews as number;
  assert(share > 0 && share < 1, `${share}`);
});

Deno.test("train: a run goes on from its last checkpoint when it was killed without warning", async () => {
  const straight = await run();
  const scratch = shop.folder();
  await run({ scratch, section: { maxSteps: 3 } }); // its last checkpoint is of step 3, the end of the epoch
  const resumed = await run({ scratch });
  assertEquals(resumed.records.resumedFrom, 3);
  assertEquals(await digests(resumed.out), await digests(straight.out));
});

for (const damage of ["truncated", "altered", "of another kind"]) {
  Deno.test(`train: a checkpoint that is ${damage} is ignored with a note`, async () => {
    const scratch = shop.folder();
    await run({ scratch, section: { maxSteps: 3 } });
    const path = `${scratch}/checkpoint.bin`;
    const bytes = await Deno.readFile(path);
    if (damage === "altered") bytes[bytes.length - 100] ^= 1;
    const kept = damage === "truncated" ? bytes.subarray(0, bytes.length / 2) : bytes;
    await Deno.writeFile(path, damage === "of another kind" ? new TextEncoder().encode("not at all") : kept);
    const { out, records } = await run({ scratch });
    assertEquals(typeof records.checkpointIgnored, "string");
    assertEquals(await digests(out), await digests((await run()).out));
  });
}

Deno.test("train: views made on the fly train the same weights as stored ones, whatever the cores", async () => {
  const section = { epochs: 1 };
  const fromDisk = await run({ section });
  const onTheFly = await run({ section, views: fresh, cores: 2 });
  assertEquals(await digests(onTheFly.out), await digests(fromDisk.out));
});

Deno.test("train: views of its own train the same weights as an augment-cache that has these views", async () => {
  const views = { globals: { size: 24, scale: [0.5, 1] }, locals: { count: 1, size: 16 }, grayscale: 1 };
  const cached = await digests((await run({ views: await shop.views(data, 2, views) })).out);
  for (const others of [stored, fresh]) {
    const own = await run({ section: { views }, views: others, cores: 2 });
    assertEquals(await digests(own.out), cached);
  }
  assert((await digests((await run()).out))["teacher.safetensors"] !== cached["teacher.safetensors"]);
});

Deno.test("train: a learning rate that blows up is reported with step, checkpoint and a way out", async () => {
  const section = {
    learningRate: 10,
    batch: 10,
    epochs: 20,
    clip: 1e30,
    weightDecay: 10,
    finalWeightDecay: 10,
  };
  const error = await assertRejects(
    () => run({ section, model: "cnn" }),
    Error,
    "Cannot go on training cnn (seed 0)",
  );
  assert(
    /at step \d+ .*(checkpoint|before it).*--set train\.learningRate=5/.test(error.message),
    error.message,
  );
});

Deno.test("train: more images than there are views of is an error that says so", async () => {
  await assertRejects(() => run({ section: { images: 33 } }), RangeError, "has views of 32");
});

Deno.test("train: an epoch shows every image at most once, in an order of its own", () => {
  const epoch = (first: number) =>
    [0, 1, 2].flatMap((i) => [...batchAt(first + i, { images: 32, batch: 10, seed: 1 }).places]);
  assertEquals(new Set(epoch(0)).size, 30);
  assert(epoch(0).join() !== epoch(3).join());
  assertEquals(epoch(0), epoch(0));
  assertEquals(batchAt(3, { images: 32, batch: 10, seed: 1 }).round, 1);
});

Deno.test("train: the warm-up is counted in epochs unless given in steps", () => {
  const params = { warmupEpochs: 10, warmupSteps: null, epochs: 100, batch: 64 };
  const paper = lengthOf(shop.trainParams("cnn", params), 50_000);
  assertEquals(paper, {
    stepsPerEpoch: 781,
    steps: 78_100,
    until: 78_100,
    warmupSteps: 7810,
  });
  const short = lengthOf(shop.trainParams("cnn", { ...params, warmupSteps: 5, maxSteps: 2 }), 50_000);
  assertEquals([short.warmupSteps, short.until, short.steps], [5, 2, 78_100]);
});

Deno.test("train: a checkpoint comes back bit for bit", async () => {
  const path = `${shop.folder()}/checkpoint.bin`;
  const checkpoint = { step: 7, arrays: { a: Float32Array.of(1, NaN, -0), b: Float64Array.of(Math.PI) } };
  await saveCheckpoint(path, checkpoint);
  assertEquals(await loadCheckpoint(path), { type: "loaded", checkpoint });
  assertEquals(await loadCheckpoint(`${path}.other`), { type: "missing" });
});
