/**
 * Lays a training by the released code beside ours: `deno run -A tests/oracle/training/compare_training.ts READING THEIRS DATA
 * LOG CURVE`. THEIRS is the folder that train_public.py wrote, DATA one with CIFAR-10's binary batches, LOG and CURVE the
 * files log.csv and curve.csv of our training. Their teachers go through our encoder (`deno task test:oracle` holds it to
 * theirs) and the probe of our learning curves. Prints a CSV.
 *
 * @module
 */
import { readCifar } from "../../../formats/cifar.ts";
import { readSafetensors } from "../../../formats/safetensors.ts";
import { measure, type Parts } from "../../../stages/curve/measure.ts";
import { type CurveParams, params as curveParams } from "../../../stages/curve/params.ts";
import denseJoin from "../../../treenet/models/dense_join.ts";
import { buildEncoder } from "../../../treenet/network.ts";
import { encode } from "../../../treenet/nn/features.ts";
import type { Weights } from "../../../treenet/nn/parameters.ts";
import type { Encoder, Ops } from "../../../treenet/nn/types.ts";
import { fromPublic, publicShape } from "../../../treenet/nn/weights.ts";
import { selectRows } from "../../../treenet/probe/feature_rows.ts";
import { type Judged, judgedImages } from "../../../treenet/probe/judged_images.ts";
import { stratifiedSplit } from "../../../treenet/probe/split.ts";
import { withOps } from "../../reference/ops.ts";

/** Epochs between two kept teachers, and steps of an epoch, in train_public.py. */
const [KEPT_EVERY, STEPS] = [2, 156];

type Row = Readonly<Record<string, number>>;

async function table(path: string): Promise<readonly Row[]> {
  const [head, ...lines] = (await Deno.readTextFile(path)).trim().split(/\r?\n/).map((line) =>
    line.split(",")
  );
  return lines.map((cells) => Object.fromEntries(cells.map((cell, i) => [head[i], Number(cell)])));
}

/** Their file has no shapes, its names begin with `encoder.`. */
async function teacherOf(path: string, { specs }: Encoder): Promise<Weights> {
  const { tensors } = await readSafetensors(path);
  return fromPublic(
    specs,
    Object.fromEntries(specs.map((spec) => {
      const data = tensors[`encoder.${spec.name}`].data;
      return [spec.name, { shape: publicShape(spec), data: Float32Array.from(data) }];
    })),
  );
}

interface Setting {
  readonly encoder: Encoder;
  readonly judged: Judged;
  readonly params: CurveParams;
  readonly ops: Ops;
}

/** Accuracies on the test images, of the embedding and of all leaves side by side. */
async function judge(weights: Weights, { encoder, judged: { train, test }, params, ops }: Setting) {
  const options = { ops, batch: params.batch, size: 32 };
  const [fit, tested] = [
    await encode(encoder, weights, { ...options, images: train.images }),
    await encode(encoder, weights, { ...options, images: test.images }),
  ];
  const { kept, held } = stratifiedSplit(train.labels, { share: params.holdout, seed: params.splitSeed });
  const parts = (x: readonly Float32Array[], size: number): Parts => {
    const all = { x: x[0], labels: train.labels, size };
    return {
      fitted: selectRows(all, kept),
      validated: selectRows(all, held),
      tested: { x: x[1], labels: test.labels, size },
    };
  };
  const { point } = await measure(
    {
      images: 0,
      embedding: parts([fit.embeddings, tested.embeddings], encoder.size),
      leaves: parts([fit.leaves!, tested.leaves!], encoder.leaves * fit.leafSize!),
    },
    params,
    () => Promise.resolve(),
  );
  return point;
}

const mean = (rows: readonly Row[], column: string) =>
  rows.reduce((sum, row) => sum + row[column], 0) / rows.length;

const [reading, theirs, data, log, curve] = Deno.args;
const architecture = { reading, leaves: 8, strides: [2, 1, 1, 2, 1] };
const encoder = buildEncoder(denseJoin, architecture);
const params = curveParams.parse({ model: reading, seed: 0, architecture });
const judged = judgedImages(await readCifar(data), params);
const [lost, ourLost, ours] = [await table(`${theirs}/log.csv`), await table(log), await table(curve)];

console.log(
  "images,loss,our_loss,teacher_entropy,our_teacher_entropy,embedding,our_embedding,leaves,our_leaves",
);
await withOps(async (ops) => {
  for (const [i, own] of ours.entries()) {
    const weights = await teacherOf(`${theirs}/snapshots/${own.images}.safetensors`, encoder);
    const point = await judge(weights, { encoder, judged, params, ops });
    const end = i * KEPT_EVERY * STEPS;
    const last = (rows: readonly Row[], column: string) =>
      i === 0 ? "" : mean(rows.slice(end - STEPS, end), column).toFixed(4);
    console.log([
      own.images,
      ...[last(lost, "loss"), last(ourLost, "loss")],
      ...[last(lost, "teacher_entropy"), last(ourLost, "teacher_entropy")],
      ...[point.test_linear, own.test_linear, point.test_linear_leaves, own.test_linear_leaves],
    ].join());
  }
});
