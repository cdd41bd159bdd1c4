/**
 * Rules about the stages that judge features by labels or neighbours.
 *
 * @module
 */
import type { ControlsParams } from "../../stages/controls/params.ts";
import type { CurveParams } from "../../stages/curve/params.ts";
import { CLASSES, SIDE } from "../../formats/cifar.ts";
import type { LayerProbeParams } from "../../stages/layer_probe/params.ts";
import type { ProbeParams } from "../../stages/probe/params.ts";
import type { SaliencyParams } from "../../stages/saliency/params.ts";
import type { UmapParams } from "../../stages/umap/params.ts";
import { atLeast, atMost, below, type Fault, type Rule } from "./rule.ts";

/** Number of images of a class below which a part of a split says nothing about it. */
const LEAST = 2;
/** Least temperature at which exp(1 / temperature) of many neighbours is finite and tells them apart. */
const LEAST_TEMPERATURE = 0.002;
/** Least addition to a variance of 1: less is lost in the rounding of sums over hundreds of features. */
const LEAST_VARIANCE = 1e-9;

export const probeRules: readonly Rule<ProbeParams>[] = [
  ({ folds }, { of }) =>
    fillsFolds(of("ema-teacher").trainImages, { field: "ema-teacher.trainImages", by: "probe", folds }),
  (_, { of }) => enoughTested("ema-teacher", of("ema-teacher")),
  ({ l2 }) => spanned("probe", l2),
  ({ neighbours }, { of }) =>
    Math.max(...neighbours) < of("ema-teacher").trainImages ? undefined : {
      field: "probe.neighbours",
      found: neighbours,
      expected: `each less than ${of("ema-teacher").trainImages}, ema-teacher.trainImages`,
    },
  ({ temperature }) => votes("probe", temperature),
];

export const layerProbeRules: readonly Rule<LayerProbeParams>[] = [
  ({ holdout, trainImages }) =>
    holdsOut(trainImages, { field: "layer-probe.trainImages", by: "layer-probe", holdout }),
  (params) => enoughTested("layer-probe", params),
];

export const curveRules: readonly Rule<CurveParams>[] = [
  ({ holdout, trainImages }) => holdsOut(trainImages, { field: "curve.trainImages", by: "curve", holdout }),
  (params) => enoughTested("curve", params),
  ({ neighbours, trainImages, holdout }) =>
    below(CLASSES.length * partsOf(Math.floor(trainImages / CLASSES.length), holdout).kept, {
      field: "curve.neighbours",
      found: neighbours,
      why: "the training images that are not held out",
    }),
  ({ temperature }) => votes("curve", temperature),
];

export const saliencyRules: readonly Rule<SaliencyParams>[] = [
  ({ ridge }) =>
    atLeast(LEAST_VARIANCE, {
      field: "saliency.ridge",
      found: ridge,
      why: "as outputs of a leaf may depend on each other",
    }),
  (_, { of }) =>
    atLeast(2 * LEAST * CLASSES.length, {
      field: "ema-teacher.testImages",
      found: of("ema-teacher").testImages,
      why: `as saliency needs ${LEAST} of each class in either half`,
    }),
  ...(["figureImages", "sanityImages"] as const).map(
    (name): Rule<SaliencyParams> => (params, { of }) =>
      atMost(Math.floor(of("ema-teacher").testImages / 2), {
        field: `saliency.${name}`,
        found: params[name],
        why: "half of ema-teacher.testImages",
      }),
  ),
];

export const umapRules: readonly Rule<UmapParams>[] = [
  ({ model }, { networks }) => {
    const { encoder, config } = networks[model];
    const field = "joinWidths" in config ? "joinWidths" : "leafSize";
    return encoder.size > 1 ? undefined : {
      field: `models.${model}.${field}`,
      found: config[field],
      expected: "an embedding of at least 2, as umap starts from two principal components",
    };
  },
  ({ images, neighbors }, { of }) =>
    below(Math.min(images, of("ema-teacher").testImages) / 2, {
      field: "umap.neighbors",
      found: neighbors,
      why: "half of the images laid out (the lesser of umap.images and ema-teacher.testImages)",
    }),
];

export const controlRules: readonly Rule<ControlsParams>[] = [
  ({ folds, trainImages }) =>
    fillsFolds(trainImages, { field: "controls.trainImages", by: "controls", folds }),
  (params) => enoughTested("controls", params),
  ({ l2 }) => spanned("controls", l2),
  ({ patches: { centroids } }) =>
    atLeast(2, {
      field: "controls.patches.centroids",
      found: centroids,
      why: "as features are distances to centroids less their mean",
    }),
  ({ patches: { centroids, count } }) =>
    atMost(count, {
      field: "controls.patches.centroids",
      found: centroids,
      why: "controls.patches.count",
    }),
  ({ patches: { size, stride } }) =>
    atMost(SIDE - size, {
      field: "controls.patches.stride",
      found: stride,
      why: `so that two patches of ${size} pixels lie side by side in an image of ${SIDE}`,
    }),
  ({ patches: { epsilon } }) =>
    atLeast(LEAST_VARIANCE, {
      field: "controls.patches.epsilon",
      found: epsilon,
      why: "as patches of one mean have a direction without variance",
    }),
  ({ components, trainImages }) =>
    below(trainImages, { field: "controls.components", found: components, why: "controls.trainImages" }),
  ({ components }, { networks }) => {
    const trees = Object.entries(networks).filter(([, { encoder, control }]) =>
      encoder.leaves > 1 && !control
    );
    for (const [model, { encoder, config: { leafSize } }] of trees) {
      const why = `the features of all leaves of ${model}`;
      const fault = atMost(encoder.leaves * Number(leafSize), {
        field: "controls.components",
        found: components,
        why,
      });
      if (fault) return fault;
    }
  },
];

/** Numbers of images of a class that a split keeps and holds out, counted as in `stratifiedSplit`. */
function partsOf(members: number, holdout: number): { readonly kept: number; readonly held: number } {
  const held = Math.round(holdout * members);
  return { kept: members - held, held };
}

/** Refuses a number of training images whose held-out share is too small to choose a penalty. */
function holdsOut(
  images: number,
  { field, by, holdout }: { readonly field: string; readonly by: string; readonly holdout: number },
): Fault | undefined {
  const fits = (members: number) => {
    const { kept, held } = partsOf(members, holdout);
    return Math.min(kept, held) >= LEAST;
  };
  if (fits(Math.floor(images / CLASSES.length))) return undefined;
  let least = LEAST;
  while (!fits(least)) least++;
  const why = `so that ${by}.holdout = ${holdout} leaves and holds out ${LEAST} images of each class`;
  return atLeast(CLASSES.length * least, { field, found: images, why });
}

/** Refuses a number of training images that leaves a fold with too few to choose a penalty by. */
function fillsFolds(
  images: number,
  { field, by, folds }: { readonly field: string; readonly by: string; readonly folds: number },
): Fault | undefined {
  const why = `so that each of ${by}.folds = ${folds} holds out ${LEAST} images of each class`;
  return atLeast(CLASSES.length * LEAST * folds, { field, found: images, why });
}

function enoughTested(stage: string, { testImages }: { readonly testImages: number }): Fault | undefined {
  return atLeast(LEAST * CLASSES.length, {
    field: `${stage}.testImages`,
    found: testImages,
    why: `${LEAST} of each class`,
  });
}

/** Refuses a range with a single penalty: the weakest would never be tried. */
function spanned(
  stage: string,
  { min, max, count }: { readonly min: number; readonly max: number; readonly count: number },
): Fault | undefined {
  if (min === max) return undefined;
  return atLeast(2, {
    field: `${stage}.l2.count`,
    found: count,
    why: `so that both ${stage}.l2.min and ${stage}.l2.max are tried`,
  });
}

function votes(stage: string, temperature: number): Fault | undefined {
  return atLeast(LEAST_TEMPERATURE, {
    field: `${stage}.temperature`,
    found: temperature,
    why: "below which exp(cosine / temperature) is no number",
  });
}
