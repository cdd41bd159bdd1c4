import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import emaTeacher from "../../../stages/ema_teacher/mod.ts";
import train from "../../../stages/train/mod.ts";
import { readNpy } from "../../../formats/npy.ts";
import { readSafetensors } from "../../../formats/safetensors.ts";
import { readBatch, TEST_FILE } from "../../../formats/cifar.ts";
import cnn from "../../../treenet/models/cnn.ts";
import { buildEncoder } from "../../../treenet/network.ts";
import { loadOps } from "../../../treenet/ops/mod.ts";
import { upload } from "../../../treenet/nn/parameters.ts";
import type { Model } from "../../../treenet/nn/types.ts";
import { fromPublic } from "../../../treenet/nn/weights.ts";
import { ARCHITECTURES, artifact, digests, Workshop } from "../train/short_training.ts";

const shop = new Workshop();
const data = await shop.data();
const views = await shop.views(data, 1);

async function teach(model: string, section: Readonly<Record<string, number>> = {}) {
  const { out, meta } = await shop.run(train, shop.trainParams(model, section), { data, views });
  const trained = artifact(out, meta);
  return { trained, frozen: await shop.run(emaTeacher, shop.teacherParams(model), { trained, data }) };
}

const tensorsOf = async (path: string) => (await readSafetensors(path)).tensors;

for (const model of Object.keys(ARCHITECTURES)) {
  Deno.test(`ema-teacher: ${model}'s files hold what model.json says, with finite features of every image`, async () => {
    const { frozen: { out, meta } } = await teach(model);
    const tree = meta.leaves > 1;
    const optional = [
      ...["train", "test"].map((part) => `raw_features_${part}.npy`),
      ...tree ? ["leaves_test.npy", "random_leaves_test.npy"] : [],
    ];
    assertEquals(Object.keys(await digests(out)).sort(), [...emaTeacher.outputs, ...optional].sort());
    const description = JSON.parse(await Deno.readTextFile(`${out}/model.json`));
    const { type, leaves, embedding } = description;
    assertEquals([description.model, type, leaves, embedding], [model, model, meta.leaves, meta.embedding]);
    for (const who of ["teacher", "random"]) {
      const tensors = await tensorsOf(`${out}/${who}.safetensors`);
      const shapes = description.parameters.map((
        { name, shape }: { name: string; shape: number[] },
      ) => [name, shape]);
      assertEquals(
        Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape])),
        Object.fromEntries(shapes),
      );
    }
    for (
      const [prefix, part, n] of [["", "train", 20], ["", "test", 10], ["random_", "train", 20], [
        "raw_",
        "test",
        10,
      ]] as const
    ) {
      const { shape, data } = await readNpy(`${out}/${prefix}features_${part}.npy`, "float32");
      assertEquals(shape, [n, meta.embedding]);
      assert(data.every(Number.isFinite));
    }
    if (tree) assertEquals((await readNpy(`${out}/leaves_test.npy`)).shape, [10, meta.leaves, 5]);
  });
}

Deno.test("ema-teacher: the teacher is the training run's, the random encoder its student's start", async () => {
  const { trained, frozen } = await teach("dense-join", { maxSteps: 1, learningRate: 1e-6 });
  const [whole, teacher, random] = await Promise.all([
    tensorsOf(`${trained.dir}/teacher.safetensors`),
    tensorsOf(`${frozen.out}/teacher.safetensors`),
    tensorsOf(`${frozen.out}/random.safetensors`),
  ]);
  for (const [name, tensor] of Object.entries(teacher)) assertEquals(tensor, whole[`encoder.${name}`]);
  assertEquals(random, teacher, "one step at learning rate 0, the first of the warm-up, changes nothing");
});

Deno.test("ema-teacher: labels and indices are those of the data set, as many of each class", async () => {
  const { frozen: { out } } = await teach("cnn", { maxSteps: 1 });
  const { data: index } = await readNpy(`${out}/index_test.npy`, "int32");
  const { data: labels } = await readNpy(`${out}/labels_test.npy`, "uint8");
  const { labels: all } = await readBatch(`${data.dir}/${TEST_FILE}`);
  assertEquals([...labels], [...index].map((i) => all[i]));
  assertEquals([...labels].sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

Deno.test("ema-teacher: a random ResNet50's running statistics are those of the training images", async () => {
  const { frozen: { out } } = await teach("resnet50", { maxSteps: 1 });
  const { "bn1.running_mean": mean, "bn1.running_var": variance } = await tensorsOf(
    `${out}/random.safetensors`,
  );
  assert(mean.data.every((value) => value !== 0) && variance.data.every((value) => value !== 1 && value > 0));
});

Deno.test("ema-teacher: raw features are those of 0 to 255, without the normalisation, and only on demand", async () => {
  const { trained, frozen: { out } } = await teach("cnn", { maxSteps: 1 });
  const params = { ...shop.teacherParams("cnn"), rawPixels: false };
  const { out: without } = await shop.run(emaTeacher, params, { trained, data });
  const files = Object.keys(await digests(without));
  assertEquals(files.filter((name) => name.startsWith("raw_")), []);

  const { data: index } = await readNpy(`${out}/index_test.npy`, "int32");
  const { images } = await readBatch(`${data.dir}/${TEST_FILE}`);
  const bytes = images.subarray(index[0] * 3072, (index[0] + 1) * 3072);
  const ops = await loadOps("wasm", { cores: 1 });
  const encoder = buildEncoder(cnn as Model, ARCHITECTURES.cnn);
  const weights = fromPublic(encoder.specs, await tensorsOf(`${out}/teacher.safetensors`));
  const expected = tf.tidy(() => {
    const x = tf.tensor4d(Float32Array.from(bytes), [1, 32, 32, 3]);
    return encoder.apply(upload(encoder.specs, weights), x, { ops, training: false }).embedding.dataSync();
  });
  const { data: raw } = await readNpy(`${out}/raw_features_test.npy`, "float32");
  expected.forEach((value, i) => assertAlmostEquals(raw[i], value, 1e-4 * (1 + Math.abs(value))));
  const { data: normal } = await readNpy(`${out}/features_test.npy`, "float32");
  assert(normal.some((value, i) => Math.abs(value - raw[i]) > 1e-2));
  ops.close();
});

Deno.test("ema-teacher: cores do not change a byte", async () => {
  const { trained, frozen } = await teach("dense-join", { maxSteps: 2 });
  const params = shop.teacherParams("dense-join");
  const again = await shop.run(emaTeacher, params, { trained, data }, { cores: 2 });
  assertEquals(await digests(again.out), await digests(frozen.out));
});
