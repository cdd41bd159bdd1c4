/**
 * One encoder's features are judged by images that were fitted on, validated on and tested on.
 *
 * @module
 */
import { CLASSES } from "../../formats/cifar.ts";
import type { LabelledFeatures } from "../../treenet/probe/feature_rows.ts";
import { heldOutProbe } from "../../treenet/probe/held_out.ts";
import { nearestNeighbours } from "../../treenet/probe/knn.ts";
import { classification } from "../../treenet/probe/metrics.ts";
import { rankMe } from "../../treenet/health.ts";
import type { CurveParams, CurvePoint } from "./params.ts";

/** Columns of curve.csv. */
export const columns = [
  "images",
  "validation_linear",
  "validation_linear_leaves",
  "test_linear",
  "test_linear_leaves",
  "validation_knn",
  "rankme",
  "l2",
  "l2_leaves",
] as const satisfies readonly (keyof CurvePoint)[];

/** Features of the same images in each part. */
export interface Parts {
  readonly fitted: LabelledFeatures;
  readonly validated: LabelledFeatures;
  readonly tested: LabelledFeatures;
}

/** A point, and who was right: the classes that its linear probes gave to the test images. */
export interface Measured {
  readonly point: CurvePoint;
  /** Classes by the embedding, then by all leaves' outputs where there are such, each [n]. */
  readonly predictions: readonly Uint8Array[];
}

/** The rank cannot be above it. */
const RANKED = 256;

/** `pause` is awaited between the parts of the work, and may throw to stop it. */
export async function measure(
  { images, embedding, leaves }: {
    readonly images: number;
    readonly embedding: Parts;
    readonly leaves?: Parts;
  },
  params: CurveParams,
  pause: () => Promise<void>,
): Promise<Measured> {
  const probe = (parts: Parts) => heldOutProbe(parts, { classes: CLASSES.length, l2: params.l2, pause });
  const own = await probe(embedding);
  const each = leaves && await probe(leaves);
  const { x, size } = embedding.tested;
  const point: CurvePoint = {
    images,
    validation_linear: own.validated,
    validation_linear_leaves: each?.validated ?? null,
    test_linear: own.tested,
    test_linear_leaves: each?.tested ?? null,
    validation_knn: await neighbourAccuracy(embedding, params, pause),
    rankme: rankMe(Float32Array.from(x.subarray(0, RANKED * size)), size),
    l2: own.l2,
    l2_leaves: each?.l2 ?? null,
  };
  return { point, predictions: [own, ...each ? [each] : []].map(({ predictions }) => predictions) };
}

async function neighbourAccuracy(
  { fitted, validated }: Parts,
  { neighbours, temperature }: CurveParams,
  pause: () => Promise<void>,
): Promise<number> {
  const classes = CLASSES.length;
  const named = await nearestNeighbours(fitted, validated, {
    classes,
    k: [neighbours],
    temperature,
    progress: pause,
  });
  return classification(named[neighbours], { labels: validated.labels, classes }).accuracy;
}
