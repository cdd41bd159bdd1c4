/**
 * One curve: every moment's encoder on the same images, measured, written.
 *
 * @module
 */
import { join } from "node:path";
import type { Artifact, Context } from "../../pipeline/stage.ts";
import { readCifar } from "../../formats/cifar.ts";
import { type Row, writeCsv } from "../../formats/csv.ts";
import { writeNpy } from "../../formats/npy.ts";
import type { TrainMeta } from "../train/params.ts";
import { calibrate, encode, type FeatureOptions } from "../../treenet/nn/features.ts";
import { buildEncoder } from "../../treenet/network.ts";
import { type Backend, loadOps } from "../../treenet/ops/mod.ts";
import { selectRows } from "../../treenet/probe/feature_rows.ts";
import { type Judged, judgedImages } from "../../treenet/probe/judged_images.ts";
import { type Split, stratifiedSplit } from "../../treenet/probe/split.ts";
import type { Encoder, Model } from "../../treenet/nn/types.ts";
import { type Moment, momentsOf } from "./encoders.ts";
import { columns, measure, type Measured, type Parts } from "./measure.ts";
import type { CurveMeta, CurveParams } from "./params.ts";

/** The artifacts it reads. */
interface CurveInputs {
  readonly trained: Artifact<TrainMeta>;
  readonly data: Artifact<unknown>;
}

const PIXELS = 32;

/** Writes the artifact's files. */
export async function run(
  context: Context,
  params: CurveParams,
  { trained, data }: CurveInputs,
): Promise<CurveMeta> {
  const { default: model } = context.modules.model as { readonly default: Model };
  const encoder = buildEncoder(model, params.architecture);
  const judged = judgedImages(await readCifar(data.dir), params);
  const split = stratifiedSplit(judged.train.labels, { share: params.holdout, seed: params.splitSeed });
  const moments = await momentsOf(trained.dir, {
    images: trained.meta.images,
    encoder,
    seed: params.seed,
  });
  const ops = await loadOps(context.backend as Backend, context);
  const measured: Measured[] = [];
  try {
    const options = { ops, batch: params.batch, size: PIXELS, signal: context.signal };
    for (const [i, moment] of moments.entries()) {
      context.progress(i, moments.length, `after ${moment.images} images`);
      const features = await featuresOf(moment, { encoder, judged, split, options });
      measured.push(await measure({ images: moment.images, ...features }, params, () => pause(context)));
    }
  } finally {
    ops.close();
  }
  const points = measured.map(({ point }) => point);
  await writeCsv(join(context.out, "curve.csv"), {
    columns,
    rows: points.map((point): Row => ({ ...point })),
  });
  await writePredictions(context.out, { measured, tested: judged.test.labels });
  return {
    model: params.model,
    fitted: split.kept.length,
    validated: split.held.length,
    tested: judged.test.labels.length,
    penalties: params.l2,
    points,
  };
}

/** Classes as the probes of every point gave them, [points, probes, n], beside the true ones. */
async function writePredictions(
  folder: string,
  { measured, tested }: { readonly measured: readonly Measured[]; readonly tested: Uint8Array },
): Promise<void> {
  await writeNpy(join(folder, "predictions.npy"), {
    shape: [measured.length, measured[0].predictions.length, tested.length],
    data: Uint8Array.from(measured.flatMap(({ predictions }) => predictions.flatMap((row) => [...row]))),
  });
  await writeNpy(join(folder, "labels_test.npy"), { shape: [tested.length], data: tested });
}

interface Encoding {
  readonly encoder: Encoder;
  readonly judged: Judged;
  readonly split: Split;
  readonly options: FeatureOptions;
}

async function featuresOf(
  moment: Moment,
  { encoder, judged: { train, test }, split, options }: Encoding,
): Promise<{ readonly embedding: Parts; readonly leaves?: Parts }> {
  const loaded = await moment.load();
  const weights = moment.initial
    ? await calibrate(encoder, loaded, { ...options, images: train.images })
    : loaded;
  const [training, testing] = [
    await encode(encoder, weights, { ...options, images: train.images }),
    await encode(encoder, weights, { ...options, images: test.images }),
  ];
  const parts = (x: readonly Float32Array[], size: number): Parts => {
    const all = { x: x[0], labels: train.labels, size };
    const tested = { x: x[1], labels: test.labels, size };
    return { fitted: selectRows(all, split.kept), validated: selectRows(all, split.held), tested };
  };
  const leafSize = encoder.leaves * (training.leafSize ?? 0);
  return {
    embedding: parts([training.embeddings, testing.embeddings], encoder.size),
    leaves: training.leaves && testing.leaves && parts([training.leaves, testing.leaves], leafSize),
  };
}

/** Lets messages in, and stops if one of them said so. */
async function pause({ signal }: Context): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  signal.throwIfAborted();
}
