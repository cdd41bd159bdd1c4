/**
 * What encoders cost: passes of training, of features and of maps, each measured with the model itself.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { encode } from "../treenet/features.ts";
import { isTrained, upload } from "../treenet/parameters.ts";
import { mapImages } from "../treenet/saliency/survey.ts";
import { tidy } from "../treenet/tensors.ts";
import type { Encoder, Ops, Params } from "../treenet/types.ts";
import { type Crop, viewTensor } from "../treenet/views.ts";
import type { Gauge } from "./gauge.ts";
import { images, weights } from "./synthetic.ts";

/** An encoder under the name of what it is built from: models that are built alike cost the same. */
export interface Named {
  readonly name: string;
  readonly encoder: Encoder;
}

/** Pixels on a side of the images that stages encode. */
export const SIDE = 32;

/** Seconds that a measurement may take. */
const BUDGET = { training: 0.6, features: 0.12, maps: 0.15 };
/** Multiply-adds of a first run: a few hundredths of a second, so that it is not the small change that is measured. */
const FIRST = 5e8;

/** Seconds of the encoders' part of a micro-batch: the student sees all views, forward and backward, the teacher the globals. */
export async function trainingPass(
  gauge: Gauge,
  { name, encoder }: Named,
  { micro, globals, locals }: {
    /** Images. */
    readonly micro: number;
    readonly globals: Crop;
    readonly locals: Crop;
  },
): Promise<number> {
  const ops = gauge.power.all;
  const params = upload(encoder.specs, weights(encoder.specs));
  try {
    const crops = [globals, locals].filter(({ count }) => count > 0);
    const job = {
      units: micro,
      from: Math.min(micro, Math.max(2, Math.round(FIRST / costOf(encoder, crops)))),
      run: (count: number) => pass(encoder, params, { ops, crops, count }),
    };
    return await gauge.seconds(`training ${name} ${micro} ${JSON.stringify(crops)}`, job, {
      budget: BUDGET.training,
    });
  } finally {
    tf.dispose(Object.values(params));
  }
}

/** Multiply-adds of an image's views, forward and backward. */
function costOf({ multiplyAdds }: Encoder, crops: readonly Crop[]): number {
  return 3 * crops.reduce((sum, { count, size }) => sum + count * multiplyAdds(size), 0);
}

async function pass(
  encoder: Encoder,
  params: Params,
  { ops, crops, count }: { readonly ops: Ops; readonly crops: readonly Crop[]; readonly count: number },
): Promise<void> {
  const batches = crops.map((crop) =>
    viewTensor(images(count * crop.count, crop.size), { ...crop, from: 0, to: count })
  );
  const names = encoder.specs.filter(isTrained).map((spec) => spec.name);
  const total = (params: Params, batches: readonly tf.Tensor4D[]) =>
    tf.addN(
      batches.map((batch) => tf.sum(encoder.apply(params, batch, { ops, training: true }).embedding)),
    ) as tf.Scalar;
  const { sums, grads } = tidy(() => {
    const teacher = total(params, batches.slice(0, 1));
    const { value, grads } = tf.valueAndGrads((...trained: tf.Tensor[]) =>
      total({ ...params, ...Object.fromEntries(names.map((name, i) => [name, trained[i]])) }, batches)
    )(names.map((name) => params[name]));
    return { sums: [teacher, value], grads };
  });
  // Reading is what waits for a backend that computes beside this thread.
  await Promise.all([...sums, grads[0]].map((tensor) => tensor.data()));
  tf.dispose([...sums, ...grads, ...batches]);
}

/** Seconds of encoding one image among many, with `cores` cores. */
export async function featurePass(
  gauge: Gauge,
  { name, encoder }: Named,
  { batch, cores }: { readonly batch: number; readonly cores: keyof Gauge["power"] },
): Promise<number> {
  const values = weights(encoder.specs);
  const run = (count: number) =>
    encode(encoder, values, { ops: gauge.power[cores], batch, size: SIDE, images: images(count, SIDE) });
  const seconds = await gauge.seconds(`features ${name} ${batch} ${cores}`, { units: batch, run }, {
    budget: BUDGET.features,
  });
  return seconds / batch;
}

/** Seconds of one image's saliency maps, on one core. */
export async function mapPass(
  gauge: Gauge,
  { name, encoder }: Named,
  { batch }: { readonly batch: number },
): Promise<number> {
  const ops = gauge.power.one;
  const params = upload(encoder.specs, weights(encoder.specs));
  try {
    const run = (count: number) =>
      mapImages({ encoder, params, ops }, images(count, SIDE), { side: SIDE, batch });
    const seconds = await gauge.seconds(`maps ${name} ${batch}`, { units: batch, run }, {
      budget: BUDGET.maps,
    });
    return seconds / batch;
  } finally {
    tf.dispose(Object.values(params));
  }
}
