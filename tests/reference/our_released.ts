/**
 * Ours: the released linear evaluation of drawn features.
 *
 * @module
 */
import {
  initialLayer,
  type LinearLayer,
  predictReleased,
  type TrainedLayer,
  trainReleased,
} from "../../treenet/probe/released.ts";
import { CLASSES } from "./drawn_features.ts";
import { TEST, TRAIN } from "./our_probes.ts";

const SCALE = 20; // as raw pixels make features: training stops for want of gain, and not of digits
export const [RAW_TRAIN, RAW_TEST] = [TRAIN, TEST].map((features) => ({
  ...features,
  x: features.x.map((value) => SCALE * value),
}));

/** The layer before the first step and at the end, with its predicted classes of the test points. */
export async function released(): Promise<
  { readonly start: LinearLayer; readonly end: TrainedLayer; readonly predictions: Uint8Array }
> {
  const options = { classes: CLASSES, seed: 16 };
  const start = initialLayer(RAW_TRAIN.size, options);
  const end = await trainReleased(RAW_TRAIN, options);
  return { start, end, predictions: predictReleased(end, RAW_TEST) };
}
