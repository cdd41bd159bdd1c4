import { assert, assertEquals } from "@std/assert";
import curve from "../../../stages/curve/mod.ts";
import { momentsOf } from "../../../stages/curve/encoders.ts";
import train from "../../../stages/train/mod.ts";
import { readCsv } from "../../../formats/csv.ts";
import { readNpy } from "../../../formats/npy.ts";
import type { Encoder } from "../../../treenet/nn/types.ts";
import { ARCHITECTURES, artifact, digests, type RunOptions, Workshop } from "../train/short_training.ts";

const shop = new Workshop();
const data = await shop.data();
const views = await shop.views(data, 1);

type Section = Readonly<Record<string, number>>;

async function teach(model: string, section: Section = {}) {
  const { out, meta } = await shop.run(train, shop.trainParams(model, section), { data, views });
  return artifact(out, meta);
}

async function drawn(model: string, trained: Awaited<ReturnType<typeof teach>>, options: RunOptions = {}) {
  const params = curve.params.parse({
    model,
    seed: 0,
    architecture: ARCHITECTURES[model],
    trainImages: 40,
    testImages: 10,
    holdout: 0.5,
    neighbours: 3,
    batch: 16,
  });
  return await shop.run(curve, params, { trained, data }, options);
}

Deno.test("curve: what a desktop leaves among snapshots is none", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/snapshots`);
  for (
    const name of [".DS_Store", "._40.safetensors", "40.safetensors", "200.safetensors", "200.safetensors~"]
  ) {
    await Deno.writeTextFile(`${folder}/snapshots/${name}`, "");
  }
  const moments = await momentsOf(folder, { encoder: {} as Encoder, seed: 0, images: 400 });
  assertEquals(moments.map(({ images }) => images), [0, 40, 200, 400]);
  await Deno.remove(folder, { recursive: true });
});

for (const model of Object.keys(ARCHITECTURES)) {
  Deno.test(`curve: ${model}'s has a line for the start, each snapshot and the end`, async () => {
    const { out, meta } = await drawn(model, await teach(model, { snapshots: 2 }));
    assertEquals(Object.keys(await digests(out)), [...curve.outputs]);
    const { columns, rows } = await readCsv(`${out}/curve.csv`);
    assertEquals(
      columns.join(),
      "images,validation_linear,validation_linear_leaves,test_linear,test_linear_leaves,validation_knn,rankme,l2,l2_leaves",
    );
    assertEquals(rows.map(({ images }) => images), ["0", "20", "40", "60"]);
    for (const row of rows) {
      const leaves = [row.validation_linear_leaves, row.test_linear_leaves];
      if ("leaves" in (ARCHITECTURES[model] as object)) {
        assert(leaves.every((value) => Number(value) > 0), `${leaves}`);
      } else assertEquals(leaves, ["", ""]);
      for (const share of [row.validation_linear, row.test_linear, row.validation_knn]) {
        assert(Number(share) >= 0 && Number(share) <= 1);
      }
      assert(Number(row.rankme) >= 1);
    }
    assertEquals([meta.fitted, meta.validated, meta.tested], [20, 20, 10]);
    assertEquals(rows.map(({ l2 }) => meta.penalties.includes(Number(l2))), rows.map(() => true));
    assertEquals(
      meta.points.map(({ test_linear }) => String(test_linear)),
      rows.map((row) => row.test_linear),
    );
  });
}

Deno.test("curve: the test accuracies are counted from the predictions beside them", async () => {
  const { out, meta } = await drawn("dense-join", await teach("dense-join", { snapshots: 1 }));
  const { shape, data } = await readNpy(`${out}/predictions.npy`, "uint8");
  const labels = (await readNpy(`${out}/labels_test.npy`, "uint8")).data;
  assertEquals(shape, [3, 2, 10]);
  const right = Array.from(
    { length: 6 },
    (_, row) => labels.filter((label, i) => data[10 * row + i] === label).length / 10,
  );
  assertEquals(
    right,
    meta.points.flatMap(({ test_linear, test_linear_leaves }) => [test_linear, test_linear_leaves!]),
  );
});

Deno.test("curve: a run without snapshots has a start and an end", async () => {
  const { meta } = await drawn("cnn", await teach("cnn", { maxSteps: 3 }));
  assertEquals(meta.points.map(({ images }) => images), [0, 30]);
});

Deno.test("curve: a run that learns nothing stays where it started", async () => {
  // One step of the warm-up, at learning rate 0.
  const { meta } = await drawn("dense-join", await teach("dense-join", { maxSteps: 1 }));
  const [start, end] = meta.points;
  assertEquals({ ...end, images: 0 }, start);
});

Deno.test("curve: a snapshot's line is that of a run that ended there", async () => {
  const { meta: whole } = await drawn("dense-join", await teach("dense-join", { snapshots: 1 }));
  const { meta: half } = await drawn("dense-join", await teach("dense-join", { maxSteps: 3 }));
  assertEquals(whole.points[1], half.points[1]);
});

Deno.test("curve: cores do not change a byte", async () => {
  const trained = await teach("dense-join", { snapshots: 1 });
  const [one, two] = [await drawn("dense-join", trained), await drawn("dense-join", trained, { cores: 2 })];
  assertEquals(await digests(one.out), await digests(two.out));
});
