/**
 * Rules about views and trainings.
 *
 * @module
 */
import type { AugmentCacheParams } from "../../stages/augment_cache/params.ts";
import { SIDE } from "../../formats/cifar.ts";
import { lengthOf } from "../../stages/train/length.ts";
import { methods, type TrainParams } from "../../stages/train/params.ts";
import type { PathwaySpec } from "../../treenet/nn/types.ts";
import { atLeast, atMost, below, type Fault, type Known, type Rule } from "./rule.ts";

/** Widest aspect of a crop within an image: all its width over half a pixel, as less rounds to zero. */
const WIDEST = 2 * SIDE;

export const viewRules: readonly Rule<AugmentCacheParams>[] = [
  ({ aspect: [low, high] }) =>
    low <= WIDEST && high >= 1 / WIDEST ? undefined : {
      field: "augment-cache.aspect",
      found: [low, high],
      expected: `[low, high] with low ≤ ${WIDEST} and high ≥ 1/${WIDEST}, crops would have no pixel`,
    },
];

export const trainingRules: readonly Rule<TrainParams>[] = [
  ({ images }, { of }) =>
    atMost(of("augment-cache").images, {
      field: "train.images",
      found: images ?? 0,
      why: "augment-cache.images",
    }),
  (params, known) =>
    atMost(imagesOf(params, known), {
      field: "train.batch",
      found: params.batch,
      why: "the images of an epoch",
    }),
  ({ batch, microBatch, model }, { networks }) =>
    batch % microBatch === 0 || takesWholeBatches(networks[model]) ? undefined : {
      field: "train.microBatch",
      found: microBatch,
      expected: `a divisor of train.batch, which is ${batch}`,
    },
  shorterThanRun,
  (params, known) => {
    const { config, faultOf } = methods[params.method];
    const { steps } = runOf(params, known);
    const fault = faultOf?.(config.parse(params), { epochs: params.epochs, steps });
    return fault && { ...fault, field: `train.${fault.field}` };
  },
  (params, known) =>
    atMost(runOf(params, known).steps - 1, {
      field: "train.snapshots",
      found: params.snapshots,
      why: "the steps of the run without its last",
    }),
  ({ momentum, finalMomentum }) =>
    atMost(finalMomentum, { field: "train.momentum", found: momentum, why: "train.finalMomentum" }),
  ({ leafCosine, model }, { networks }) =>
    leafCosine === 0 || networks[model].encoder.leaves > 1 ? undefined : {
      field: "train.leafCosine",
      found: leafCosine,
      expected: `0, as ${model} has ${networks[model].encoder.leaves} leaf and the penalty compares leaves`,
    },
  (params, known) => {
    const { field, globals } = viewsOf(params, known);
    return atLeast(2, {
      field: `${field}.globals.count`,
      found: globals.count,
      why: "as student and teacher are to see different views",
    });
  },
  ({ epochs }, { of }) =>
    atMost(epochs, {
      field: "augment-cache.rounds",
      found: of("augment-cache").rounds,
      why: "train.epochs, each of which uses one",
    }),
  (params, known) => {
    const { model } = params, { field, globals, locals } = viewsOf(params, known);
    const spec = known.networks[model].encoder.pathways?.spec;
    return spec && (
      largeEnough(`${field}.globals.size`, globals.size, { spec, model }) ??
        (locals.count === 0 ? undefined : largeEnough(`${field}.locals.size`, locals.size, { spec, model }))
    );
  },
];

/** A training's views, and the field that says so. */
function viewsOf({ views }: TrainParams, { of }: Known) {
  return views === null
    ? { field: "augment-cache", ...of("augment-cache") }
    : { field: "train.views", ...views };
}

/** Side of the smallest image from which a pathway's convolutions leave a pixel. */
export function leastSide({ kernel, strides }: PathwaySpec): number {
  return strides.reduceRight((side, stride) => (side - 1) * stride + kernel, 1);
}

/** Refuses a network whose strides leave no pixel of the data set's images. */
export function fitsImages(model: string, { spec }: { readonly spec: PathwaySpec }): Fault | undefined {
  return leastSide(spec) <= SIDE ? undefined : {
    field: `models.${model}.strides`,
    found: spec.strides,
    expected: `strides that leave a pixel of ${SIDE} × ${SIDE}; with kernels of ${spec.kernel} these need ` +
      `${leastSide(spec)} × ${leastSide(spec)}`,
  };
}

function largeEnough(
  field: string,
  found: number,
  { spec, model }: { readonly spec: PathwaySpec; readonly model: string },
): Fault | undefined {
  return atLeast(leastSide(spec), { field, found, why: `of which the strides of ${model} leave a pixel` });
}

/** Running statistics are of a whole batch. */
function takesWholeBatches({ encoder }: Known["networks"][string]): boolean {
  return encoder.specs.some(({ role }) => role === "buffer");
}

function imagesOf({ images }: TrainParams, { of }: Known): number {
  return images ?? of("augment-cache").images;
}

function runOf(params: TrainParams, known: Known) {
  return lengthOf({ ...params, warmupSteps: 0 }, imagesOf(params, known));
}

/** A warm-up that lasts as long as the run: what comes after it never comes. */
function shorterThanRun(params: TrainParams, known: Known): Fault | undefined {
  const { warmupSteps, warmupEpochs, epochs } = params;
  return warmupSteps === null
    ? below(epochs, { field: "train.warmupEpochs", found: warmupEpochs, why: "train.epochs" })
    : below(runOf(params, known).steps, {
      field: "train.warmupSteps",
      found: warmupSteps,
      why: "the steps of the run",
    });
}
