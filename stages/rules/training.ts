/**
 * Rules about views and trainings.
 *
 * @module
 */
import type augmentCache from "../augment_cache.ts";
import { SIDE } from "../formats/cifar.ts";
import { lengthOf, type TrainParams } from "../train/params.ts";
import type { PathwaySpec } from "../treenet/types.ts";
import { atLeast, atMost, below, type Fault, type Known, type ParamsOf, type Rule } from "./rule.ts";

/** Widest aspect of a crop within an image: all its width over half a pixel, as less rounds to zero. */
const WIDEST = 2 * SIDE;

export const viewRules: readonly Rule<ParamsOf<typeof augmentCache>>[] = [
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
  (params, known) => shorterThanRun("warmup", params, known),
  (params, known) => params.method === "dino" ? shorterThanRun("freeze", params, known) : undefined,
  (params, known) =>
    atMost(runOf(params, known).steps, {
      field: "train.teacherTemperatureWarmup.steps",
      found: params.teacherTemperatureWarmup.steps,
      why: "the steps of the run",
    }),
  (params, known) =>
    atMost(runOf(params, known).steps - 1, {
      field: "train.snapshots",
      found: params.snapshots,
      why: "the steps of the run without its last",
    }),
  ({ momentum, finalMomentum }) =>
    atMost(finalMomentum, { field: "train.momentum", found: momentum, why: "train.finalMomentum" }),
  ...(["studentTemperature", "teacherTemperature"] as const).map((name): Rule<TrainParams> => (params) =>
    softmaxTemperature(`train.${name}`, params[name])
  ),
  ({ teacherTemperatureWarmup: { from } }) => softmaxTemperature("train.teacherTemperatureWarmup.from", from),
  ({ leafCosine, model }, { networks }) =>
    leafCosine === 0 || networks[model].encoder.leaves > 1 ? undefined : {
      field: "train.leafCosine",
      found: leafCosine,
      expected: `0, as ${model} has ${networks[model].encoder.leaves} leaf and the penalty compares leaves`,
    },
  (_, { of }) =>
    atLeast(2, {
      field: "augment-cache.globals.count",
      found: of("augment-cache").globals.count,
      why: "as student and teacher are to see different views",
    }),
  ({ epochs }, { of }) =>
    atMost(epochs, {
      field: "augment-cache.rounds",
      found: of("augment-cache").rounds,
      why: "train.epochs, each of which uses one",
    }),
  ({ model }, { of, networks }) => {
    const { globals, locals } = of("augment-cache");
    const spec = networks[model].encoder.pathways?.spec;
    return spec && (
      largeEnough("augment-cache.globals.size", globals.size, { spec, model }) ??
        (locals.count === 0
          ? undefined
          : largeEnough("augment-cache.locals.size", locals.size, { spec, model }))
    );
  },
];

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

/** Refuses a smaller temperature: scores divided by it overflow float32, or the softmax is no longer soft. */
function softmaxTemperature(field: string, found: number): Fault | undefined {
  return atLeast(1e-3, { field, found, why: "below which the softmax is a maximum" });
}

/** True if a network has running statistics, which are those of whole batches. */
function takesWholeBatches({ encoder }: Known["networks"][string]): boolean {
  return encoder.specs.some(({ role }) => role === "buffer");
}

function imagesOf({ images }: TrainParams, { of }: Known): number {
  return images ?? of("augment-cache").images;
}

function runOf(params: TrainParams, known: Known) {
  return lengthOf({ ...params, warmupSteps: 0 }, imagesOf(params, known));
}

/** Refuses an initial phase as long as the run, after which nothing would come. */
function shorterThanRun(
  part: "warmup" | "freeze",
  params: TrainParams,
  known: Known,
): Fault | undefined {
  const steps = params[`${part}Steps`];
  return steps === null
    ? below(params.epochs, {
      field: `train.${part}Epochs`,
      found: params[`${part}Epochs`],
      why: "train.epochs",
    })
    : below(runOf(params, known).steps, {
      field: `train.${part}Steps`,
      found: steps,
      why: "the steps of the run",
    });
}
