import { join } from "node:path";
import { assert, assertEquals } from "@std/assert";
import { predictedBy } from "../../../treenet/probe/prediction_rows.ts";
import type { Artifact, Context } from "../../../pipeline/stage.ts";
import controls from "../../../stages/controls/mod.ts";
import { run as runControls } from "../../../stages/controls/run.ts";
import { readNpy } from "../../../formats/npy.ts";
import avgJoin from "../../../treenet/models/avg_join.ts";
import cnn from "../../../treenet/models/cnn.ts";
import denseJoin from "../../../treenet/models/dense_join.ts";
import { writeTinyCifar } from "../../fixtures/tiny_cifar.ts";
import { filesOf } from "../small_teacher.ts";

const tree = { leaves: 2, channels: [4, 4], strides: [3, 3], leafSize: 6 };
const modules = {
  "dense-join": { default: denseJoin },
  "avg-join": { default: avgJoin },
  "cnn": { default: cnn },
  "other": { default: avgJoin },
  "reference": { default: { ...avgJoin, control: true } },
};
const params = controls.params.parse({
  seed: 0,
  models: {
    "dense-join": { type: "dense-join", architecture: { ...tree, joinWidths: [8] } },
    "avg-join": { type: "avg-join", architecture: tree },
    "cnn": { type: "cnn", architecture: { channels: [4], strides: [4], leafSize: 6 } },
    "other": { type: "avg-join", architecture: { ...tree, leaves: 3 } },
    "reference": { type: "avg-join", architecture: { ...tree, leaves: 4 } },
  },
  trainImages: 100,
  testImages: 40,
  pixelSide: 4,
  components: 5,
  patches: { stride: 8, centroids: 3, count: 100, iterations: 2 },
  l2: { count: 3 },
});

async function run(cores: number, root: string) {
  const data = join(root, "data");
  await Deno.mkdir(data, { recursive: true });
  await writeTinyCifar(data, { perBatch: 60 });
  const out = await Deno.makeTempDir({ dir: root });
  const context: Context = {
    out,
    scratch: out,
    signal: new AbortController().signal,
    cores,
    backend: "wasm",
    hints: {},
    modules,
    progress: () => {},
    record: () => {},
  };
  return { out, meta: await runControls(context, params, { data: { dir: data } as Artifact<never> }) };
}

Deno.test("controls judges pixels, patches, and the leaves of every different tree once", async () => {
  const root = await Deno.makeTempDir();
  const { out, meta } = await run(1, root);
  assertEquals(meta.controls.map(({ name, models, features }) => [name, models, features]), [
    ["pixels", [], 48],
    ["patches", [], 12],
    ["random-leaves-pca", ["avg-join", "dense-join"], 5],
    ["random-leaves-pca", ["other"], 5],
  ]);
  const { shape, data } = await readNpy(join(out, "predictions.npy"), "uint8");
  const labels = (await readNpy(join(out, "labels_test.npy"), "uint8")).data;
  assertEquals(shape, [meta.predictions.length, 40]);
  const rows = meta.predictions.map((_, row) => data.subarray(40 * row, 40 * (row + 1)));
  const judged = predictedBy(meta.predictions, rows);
  assertEquals([...judged.keys()], [0, 1, 2, 3]);
  for (const [row, { linear }] of meta.controls.entries()) {
    const right = judged.get(row)!.predictions!.filter((label, i) => label === labels[i]).length;
    assertEquals(judged.get(row)!.repetitions.length, 5);
    assertEquals([linear.accuracy, linear.n], [right / 40, 40]);
    assert(linear.interval[0] <= linear.accuracy && linear.accuracy <= linear.interval[1]);
  }
  assertEquals(
    JSON.parse(await Deno.readTextFile(join(out, "controls.json"))),
    JSON.parse(JSON.stringify(meta)),
  );
  await Deno.remove(root, { recursive: true });
});

Deno.test("controls gives the same bytes twice, and on two cores", async () => {
  const root = await Deno.makeTempDir();
  assertEquals(await filesOf((await run(1, root)).out), await filesOf((await run(2, root)).out));
  await Deno.remove(root, { recursive: true });
});
