/**
 * Parameters and results of probing features.
 *
 * @module
 */
import { z } from "zod";
import type { LinearResult, ReleasedResult } from "../../treenet/probe/evaluation.ts";
import { linearFields, releasedParams } from "../../treenet/probe/params.ts";
import type { PredictionRow } from "../../treenet/probe/prediction_rows.ts";

export const params = z.strictObject({
  model: z.string(),
  seed: z.int().min(0),
  ...linearFields,
  neighbours: z.array(z.int().min(1).max(10_000)).min(1).max(10).default([20, 200])
    .describe("Values of k of the k-nearest-neighbour classifier"),
  temperature: z.number().positive().max(10).default(0.07)
    .describe("A neighbour votes with weight exp(cosine / temperature)"),
  released: releasedParams.prefault({}).describe("The released code's probe, to compare with"),
});

export type ProbeParams = z.infer<typeof params>;

/** Fractions lie in [0, 1]. */
export interface ProbeResult {
  readonly linear: LinearResult;
  /** k → accuracy. */
  readonly knn: Readonly<Record<string, number>>;
}

/** Contents of probe.json. */
export interface ProbeMeta {
  readonly teacher: ProbeResult;
  readonly random: ProbeResult;
  /** Our probe where the teacher's input was raw pixels, 0 to 255; absent for other inputs. */
  readonly raw?: { readonly linear: LinearResult };
  /** The released code's probe, on the teacher's features of normalised and of raw pixels. */
  readonly released: { readonly normalised: ReleasedResult; readonly raw?: ReleasedResult };
  /** Meaning of the rows of predictions.npy. */
  readonly predictions: readonly PredictionRow<Evaluation>[];
}

/** Features that were judged, and the probe that did. */
export type Evaluation = "teacher" | "random" | "released" | "raw" | "released-raw";
