/**
 * Makes each kind of features of the judged images, and judges them.
 *
 * @module
 */
import { join } from "node:path";
import type { Artifact, Context } from "../../pipeline/stage.ts";
import { readCifar } from "../../formats/cifar.ts";
import { writeNpy } from "../../formats/npy.ts";
import { type Backend, loadOps } from "../../treenet/ops/mod.ts";
import { linearProbe } from "../../treenet/probe/evaluation.ts";
import { judgedImages } from "../../treenet/probe/judged_images.ts";
import { type Predicted, predictionRows } from "../../treenet/probe/prediction_rows.ts";
import { type Kind, kindsOf, type Making } from "./kinds.ts";
import type { Control, ControlsMeta, ControlsParams } from "./params.ts";

/** Writes the artifact's files. */
export async function run(
  context: Context,
  params: ControlsParams,
  { data }: { readonly data: Artifact<unknown> },
): Promise<ControlsMeta> {
  const judged = judgedImages(await readCifar(data.dir), params);
  const ops = await loadOps(context.backend as Backend, context);
  try {
    return await write(await judgeAll({ context, params, judged, ops }), { context, params, judged });
  } finally {
    ops.close();
  }
}

/** A control and its predicted classes. */
interface Found extends Predicted {
  readonly control: Control;
}

async function judgeAll(making: Making): Promise<readonly Found[]> {
  const kinds = kindsOf(making);
  const found: Found[] = [];
  for (const [i, kind] of kinds.entries()) {
    const progress = (share: number) => {
      making.context.signal.throwIfAborted();
      making.context.progress(Math.round(100 * (i + share) / kinds.length), 100, kind.name);
    };
    found.push(await judge(kind, making, progress));
  }
  return found;
}

async function judge(
  { name, models, make }: Kind,
  { params, judged }: Making,
  progress: (share: number) => void,
): Promise<Found> {
  const made = await make((share) => progress(0.7 * share));
  const size = made.train.length / judged.train.labels.length;
  const of = (part: "train" | "test") => ({ x: made[part], labels: judged[part].labels, size });
  const features = { train: of("train"), test: of("test") };
  const { result, ...predicted } = await linearProbe(
    features,
    params,
    (share) => progress(0.7 + 0.3 * share),
  );
  return { control: { name, models, features: size, linear: result }, ...predicted };
}

async function write(
  found: readonly Found[],
  { context, params, judged }: Omit<Making, "ops">,
): Promise<ControlsMeta> {
  const { labels, index } = judged.test;
  const n = labels.length;
  const at = (name: string) => join(context.out, name);
  await writeNpy(at("labels_test.npy"), { shape: [n], data: labels });
  await writeNpy(at("index_test.npy"), { shape: [n], data: index });
  const { rows, data } = predictionRows(found.map((one, i) => [i, one]));
  await writeNpy(at("predictions.npy"), { shape: [rows.length, n], data });
  const meta: ControlsMeta = {
    controls: found.map(({ control }) => control),
    predictions: rows,
    trainImages: judged.train.labels.length,
    testImages: n,
    pixelSide: params.pixelSide,
    centroids: params.patches.centroids,
    components: params.components,
  };
  await Deno.writeTextFile(at("controls.json"), JSON.stringify(meta, null, 2) + "\n");
  return meta;
}
