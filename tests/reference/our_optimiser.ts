/**
 * Ours: AdamW and the teacher's average over drawn gradients, and every schedule.
 *
 * @module
 */
import { adamw, ema } from "../../treenet/optimiser.ts";
import { random } from "../../treenet/random.ts";
import { ratesAt, type ScheduleOptions } from "../../treenet/schedule.ts";
import { lengthOf } from "../../stages/train/length.ts";
import { trainParams } from "../../stages/train/params.ts";
import { RULES } from "./our_trajectory.ts";

/** [out, in] of a weight, whose bias has [out]. */
export const SHAPE = [3, 4] as const;
export const UPDATES = RULES.schedule.steps;
const SIZES = { weight: SHAPE[0] * SHAPE[1], bias: SHAPE[0] };

/** One parameter over the updates. */
export interface Updated {
  readonly start: Float32Array;
  readonly gradients: readonly Float32Array[];
  readonly weights: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly average: Float32Array;
}

/** A weight, which decays, and a bias, which does not; gradients of very different sizes. */
export function updated(name: "weight" | "bias"): Updated {
  const stream = random(8, SIZES[name]);
  const draw = (scale: number) => Float32Array.from({ length: SIZES[name] }, () => scale * stream.normal());
  const start = draw(0.5);
  const gradients = Array.from({ length: UPDATES }, (_, i) => draw(10 ** (i % 5 - 3)));
  const weights = start.slice();
  const [first, second] = [new Float32Array(start.length), new Float32Array(start.length)];
  const average = start.slice();
  gradients.forEach((gradient, i) => {
    const { learningRate, weightDecay, momentum } = ratesAt(i, RULES.schedule);
    const decay = name === "weight" ? weightDecay : 0;
    adamw({ weights, first, second }, gradient, { learningRate, weightDecay: decay, update: i + 1 });
    ema(average, weights, momentum);
  });
  return { start, gradients, weights, first, second, average };
}

/** Options of the schedule by profile: 50,000 images for the paper's, their own number for the others. */
export async function scheduleOptions(): Promise<Readonly<Record<string, ScheduleOptions>>> {
  const entries = await Promise.all(["paper", "cpu", "quick"].map(async (name) => {
    const file = new URL(`../../profiles/${name}.json`, import.meta.url);
    const { train } = JSON.parse(await Deno.readTextFile(file));
    const params = trainParams.parse({ ...train, model: "cnn", seed: 0 });
    const length = lengthOf(params, params.images ?? 50_000);
    const learningRate = params.learningRate * params.batch / 256;
    return [name, { ...params, ...length, learningRate }] as const;
  }));
  return Object.fromEntries(entries);
}

/** Learning rate, weight decay and momentum of every step. */
export function everyRate(options: ScheduleOptions) {
  const rates = Array.from({ length: options.steps }, (_, i) => ratesAt(i, options));
  return {
    learningRate: rates.map((rate) => rate.learningRate),
    weightDecay: rates.map((rate) => rate.weightDecay),
    momentum: rates.map((rate) => rate.momentum),
  };
}
