/**
 * Our values of one batch of BYOL, and of DINO with the leaves' penalty.
 *
 * @module
 */
import { batchGradients } from "../../treenet/gradients.ts";
import { methods } from "../../stages/train/params.ts";
import { buildNetwork } from "../../treenet/network.ts";
import type { Weights } from "../../treenet/nn/parameters.ts";
import type { Ops } from "../../treenet/nn/types.ts";
import type { Views } from "../../treenet/augment/mod.ts";
import { type Case, CROPS, drawnViews, drawnWeights, smallCases } from "./drawn_networks.ts";

const METHODS = methods;
const IMAGES = 4;

/** A small network, its method, and the weight of the penalty. */
export interface MethodCase extends Case {
  readonly method: string;
  readonly leafCosine: number;
}

/** BYOL alone, and the penalty with either method. */
export function methodCases(): readonly MethodCase[] {
  const [dense, average] = smallCases();
  return [
    { ...taught(dense, "byol"), leafCosine: 0 },
    { ...taught(average, "byol"), leafCosine: 0.5 },
    { ...taught(dense, "dino"), leafCosine: 2 },
  ].map((each) => ({ ...each, label: `${each.label} by ${each.method}, penalty ${each.leafCosine}` }));
}

function taught(which: Case, method: string): Omit<MethodCase, "leafCosine"> {
  const network = buildNetwork(which.network.encoder, METHODS[method], { head: which.head });
  return { ...which, network, method };
}

export interface Lesson {
  readonly student: Weights;
  readonly teacher: Weights;
  readonly views: Views;
  readonly centre: Float32Array;
  readonly result: Awaited<ReturnType<typeof batchGradients>>;
}

/** A lesson of a student and a teacher with different weights. */
export async function lessonOf({ network, leafCosine }: MethodCase, ops: Ops): Promise<Lesson> {
  const student = drawnWeights(network.specs, 13);
  const teacher = drawnWeights(network.teacherSpecs, 14);
  const views = drawnViews(IMAGES, 15);
  const method = network.objective.init();
  for (const values of Object.values(method)) values.fill(0.01);
  const result = await batchGradients({ step: 0, student, teacher, method }, views, {
    network,
    ops,
    ...CROPS,
    batch: IMAGES,
    microBatch: 2,
    leafCosine,
  });
  return { student, teacher, views, centre: method.centre ?? new Float32Array(0), result };
}
