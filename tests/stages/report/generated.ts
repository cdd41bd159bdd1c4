/** Small artifacts of every stage, as the stages would leave them, for tests of the report. */
import { join } from "node:path";
import { modelOf } from "../../../stages/section.ts";
import type { Artifact, Digest, Json, Point } from "../../../pipeline/stage.ts";
import { type Row, writeCsv } from "../../../formats/csv.ts";
import { writeNpy } from "../../../formats/npy.ts";
import { encodePng } from "../../../formats/png.ts";
import type { CurveMeta } from "../../../stages/curve/params.ts";
import type { EnsembleMeta, LeavesFound } from "../../../stages/ensemble/params.ts";
import type { LayerProbeMeta } from "../../../stages/layer_probe/params.ts";
import type { SaliencyMeta } from "../../../stages/saliency/params.ts";
import { classes } from "../../../treenet/figures/palette.ts";
import { rangeOfQuality } from "../../../treenet/umap/quality.ts";
import type { Settings } from "../../../stages/report/read/settings.ts";
import {
  type ControlsRead,
  type ProbeMeta,
  type Sources,
  stageOf,
  type TrainedMeta,
} from "../../../stages/report/read/sources.ts";

export interface Wanted {
  readonly models: readonly string[];
  readonly seeds: readonly number[];
}

const testImages = 40;
/** Labels of the test images. */
const labels = Uint8Array.from({ length: testImages }, (_, i) => i % 10);
/** Prototypes of every train task. */
const prototypes = 1024;
const steps = 5;

/** Everything for a report, in new folders under `root`. */
export async function generate(root: string, { models, seeds }: Wanted): Promise<Sources> {
  const points = models.flatMap((model) => seeds.map((seed) => ({ model, seed })));
  return {
    download: [await artifact(root, "download", { point: {}, meta: { train: 500, test: 100 } })],
    views: await Promise.all(seeds.map((seed) => viewsArtifact(root, { seed }))),
    trained: await Promise.all(points.map((point) => trainArtifact(root, point))),
    teachers: await Promise.all(points.map((point) => teacherArtifact(root, point))),
    probes: await Promise.all(points.map((point) => probeArtifact(root, point))),
    layerProbes: await Promise.all(points.map((point) => layerArtifact(root, point))),
    controls: await Promise.all(seeds.map((seed) => controlsArtifact(root, { seed }))),
    ensembles: await Promise.all(points.map((point) => ensembleArtifact(root, point))),
    curve: await Promise.all(points.map((point) => curveArtifact(root, point))),
    saliency: await Promise.all(points.map((point) => saliencyArtifact(root, point))),
    umap: await Promise.all(points.map((point) => umapArtifact(root, point))),
  };
}

interface Made<Meta> {
  readonly point: Point;
  readonly meta: Meta;
  /** Writes files into a folder and returns their names. */
  readonly files?: (dir: string) => Promise<readonly string[]>;
}

export async function artifact<Meta>(root: string, stage: string, made: Made<Meta>): Promise<Artifact<Meta>> {
  const { point, meta } = made;
  const axes = Object.values(point).join(",");
  const task = axes === "" ? stage : `${stage}[${axes}]`;
  const dir = join(root, task);
  await Deno.mkdir(dir, { recursive: true });
  const names = await made.files?.(dir) ?? [];
  return {
    task,
    point,
    meta,
    dir,
    digest: digestOf(task),
    // Left empty but for what no artifact lacks: a report may quote nothing of it.
    key: { stage, params: {}, code: {}, packages: {}, inputs: {}, environment: {} },
    files: Object.fromEntries(names.map((name) => [name, digestOf(task + name)])),
  };
}

/** Not a real digest: 64 hex digits that differ between names. */
export function digestOf(name: string): Digest {
  const hex = [...name].map((letter) => letter.charCodeAt(0).toString(16)).join("");
  return hex.split("").reverse().join("").padEnd(64, "0").slice(0, 64) as Digest;
}

function viewsArtifact(root: string, point: { readonly seed: number }) {
  const meta = { images: 500, rounds: 2, globals: 2, locals: 2, globalSize: 32, localSize: 13 };
  return artifact(root, "augment-cache", {
    point,
    meta,
    files: (dir) => picture(dir, "contact_sheet.png"),
  });
}

function trainArtifact(root: string, point: { readonly model: string; readonly seed: number }) {
  const meta: TrainedMeta = {
    model: point.model,
    method: "dino",
    control: false,
    images: 1_500,
    epochs: 5,
    steps,
    encoderParameters: 12_345 + point.model.length,
    parametersWithHead: 23_456,
    multiplyAdds: 1_234_567,
    embedding: 16,
    leaves: 2,
    channels: "8 - 16",
    health: "healthy",
    collapsedSince: null,
  };
  const rows: Row[] = Array.from({ length: steps }, (_, step) => ({
    step,
    images: (step + 1) * 300,
    loss: 5 - step / 10,
    teacher_entropy: 4 - step / 10,
    kl: 0.1 * step,
    feature_sd: 0.1,
  }));
  return artifact(root, "train", {
    point,
    meta,
    files: async (dir) => {
      await writeCsv(join(dir, "log.csv"), { columns: Object.keys(rows[0]), rows });
      return ["log.csv"];
    },
  });
}

function teacherArtifact(root: string, point: { readonly model: string; readonly seed: number }) {
  const roles = point.model === "resnet50" ? ["trained", "buffer"] : ["trained"];
  const parameters = roles.map((role) => ({ name: role, shape: [1], layout: "plain", groups: 1, role }));
  return artifact(root, "ema-teacher", {
    point,
    meta: { model: point.model, trainImages: 80, testImages },
    files: async (dir) => {
      await Deno.writeTextFile(join(dir, "model.json"), JSON.stringify({ model: point.model, parameters }));
      return ["model.json", ...await testImagesOf(dir)];
    },
  });
}

/** Parameters of every task of a report, as far as a report prints any. */
export function settingsFor(sources: Sources, typeOf = (model: string) => model): Settings {
  const asked = (artifact: Artifact<unknown>): Json => {
    if (stageOf(artifact) !== "train") return {};
    const model = modelOf(artifact);
    return { model, type: typeOf(model), head: { prototypes } };
  };
  return Object.fromEntries(
    Object.values(sources).flat().map((artifact) => [artifact.task, asked(artifact)]),
  );
}

async function testImagesOf(dir: string): Promise<readonly string[]> {
  const index = Int32Array.from(labels, (_, i) => 7 * i);
  await writeNpy(join(dir, "labels_test.npy"), { shape: [testImages], data: labels });
  await writeNpy(join(dir, "index_test.npy"), { shape: [testImages], data: index });
  return ["labels_test.npy", "index_test.npy"];
}

/** One row for each accuracy: right on the first images, wrong on the others. */
async function predictionsOf(
  dir: string,
  accuracies: readonly number[],
  shape: readonly number[] = [accuracies.length],
): Promise<readonly string[]> {
  const data = accuracies.flatMap((accuracy) =>
    [...labels].map((label, i) => i < Math.round(accuracy * testImages) ? label : (label + 1) % 10)
  );
  await writeNpy(join(dir, "predictions.npy"), {
    shape: [...shape, testImages],
    data: Uint8Array.from(data),
  });
  return ["predictions.npy"];
}

/** The row of a probe whose folds, or whose only layer, all gave the same classes. */
export function rowOf<Of>(of: Of) {
  return { of, reported: true, repetitions: [0, 1] };
}

function probeArtifact(root: string, point: { readonly model: string; readonly seed: number }) {
  const share = (accuracy: number) => ({ accuracy, n: testImages });
  const fitted = (accuracy: number) => ({
    ...share(accuracy),
    l2: 0.1,
    foldwise: [0.1, 0.01],
    gradientNorm: 9e-7,
    path: [0.1, 0.01].map((l2) => ({ l2, accuracy: accuracy + l2 / 10, folds: [] })),
  });
  const layered = (accuracy: number) => ({
    ...share(accuracy),
    layers: [-0.01, 0.01].map((off, seed) => ({
      seed,
      accuracy: accuracy + off,
      epochs: 30 + seed,
      loss: 1,
    })),
  });
  const probed = (accuracy: number) => ({ linear: fitted(accuracy), knn: { "20": accuracy - 0.05 } });
  const accuracy = 0.4 + 0.1 * (point.seed % 2);
  const meta: ProbeMeta = {
    teacher: probed(accuracy),
    random: probed(0.3),
    released: { normalised: layered(0.35), raw: layered(0.25) },
    raw: { linear: fitted(0.325) },
    predictions: ["teacher", "random", "released", "raw", "released-raw"].map((of) => rowOf(of)),
  };
  return artifact(root, "probe", {
    point,
    meta,
    files: (dir) => predictionsOf(dir, [accuracy, 0.3, 0.35, 0.325, 0.25]),
  });
}

/** Leaves of dense-join alone. */
function layerArtifact(root: string, point: { readonly model: string; readonly seed: number }) {
  const accuracies: Readonly<Record<string, number>> = {
    ...point.model === "dense-join" && { leaves: 0.6 },
    embedding: 0.5,
  };
  const layers = Object.entries(accuracies).map(([name, accuracy]): LayerProbeMeta["layers"][number] => ({
    name,
    features: name === "leaves" ? 32 : 16,
    results: { teacher: { accuracy, l2: 0.01 }, random: { accuracy: 0.75 * accuracy, l2: 0.1 } },
  }));
  const meta: LayerProbeMeta = {
    model: point.model,
    fitted: 80,
    validated: 20,
    tested: testImages,
    layers,
    left: [],
    predictions: layers.flatMap(({ name: layer }) => [
      { layer, reading: "teacher" as const },
      { layer, reading: "random" as const },
    ]),
  };
  return artifact(root, "layer-probe", {
    point,
    meta,
    files: async (dir) => [
      ...await testImagesOf(dir),
      ...await predictionsOf(dir, Object.values(accuracies).flatMap((share) => [share, 0.75 * share])),
    ],
  });
}

/** Two leaves of every tree; those of dense-join are more apart. */
function ensembleArtifact(root: string, point: { readonly model: string; readonly seed: number }) {
  const apart = point.model === "dense-join" ? 0.1 : 0, leaves = 2;
  const found = (gain: number): LeavesFound => ({
    single: [0.3 + gain, 0.4 + gain],
    concatenated: 0.5 + gain,
    averaged: 0.45 + gain,
    sizes: [
      { leaves: 1, concatenated: [0.3 + gain, 0.4 + gain], averaged: [0.3 + gain, 0.4 + gain] },
      { leaves: 2, concatenated: [0.5 + gain], averaged: [0.45 + gain] },
    ],
    similarity: 0.5 - gain - 0.01 * point.seed,
    overlap: { spearman: 0.3 - gain, iou: 0.2 - gain },
  });
  const isTree = !["cnn", "resnet50", "brand-new"].includes(point.model);
  const networks = isTree ? [found(apart), found(0)] : [];
  const meta: EnsembleMeta = {
    model: point.model,
    leaves: isTree ? leaves : 1,
    trainImages: 80,
    testImages,
    mapImages: isTree ? 100 : 0,
    ...isTree && { judged: { teacher: networks[0], random: networks[1] } },
  };
  return artifact(root, "ensemble", {
    point,
    meta,
    files: async (dir) => {
      const shares = networks.flatMap(({ single, concatenated, averaged }) => [
        ...single,
        concatenated,
        averaged,
      ]);
      return [
        ...await testImagesOf(dir),
        ...await predictionsOf(dir, shares, [networks.length, (isTree ? leaves : 1) + 2]),
      ];
    },
  });
}

function controlsArtifact(root: string, point: { readonly seed: number }) {
  const linear = { accuracy: 0.5, n: testImages };
  const meta: ControlsRead = {
    controls: [
      { name: "pixels", models: [], features: 192, linear },
      { name: "patches", models: [], features: 128, linear },
      { name: "random-leaves-pca", models: ["dense-join", "avg-join"], features: 128, linear },
    ],
    trainImages: 80,
    testImages,
    pixelSide: 8,
    centroids: 32,
    components: 128,
    predictions: [0, 1, 2].map((of) => rowOf(of)),
  };
  return artifact(root, "controls", {
    point,
    meta,
    files: async (dir) => [...await testImagesOf(dir), ...await predictionsOf(dir, [0.5, 0.5, 0.5])],
  });
}

function curveArtifact(root: string, point: { readonly model: string; readonly seed: number }) {
  const rows: Row[] = [0, 750, 1_500].map((images, i) => ({
    images,
    validation_linear: 0.3 + i / 20,
    validation_linear_leaves: point.model === "cnn" ? null : 0.4 + i / 20,
    test_linear: 0.3 + i / 20,
    test_linear_leaves: point.model === "cnn" ? null : 0.4 + i / 20,
    validation_knn: 0.25,
    rankme: 10 + i,
    l2: [0.1, 0.01, 0.01][i],
    l2_leaves: point.model === "cnn" ? null : 0.1,
  }));
  const meta: CurveMeta = {
    model: point.model,
    fitted: 80,
    validated: 20,
    tested: testImages,
    penalties: [0.1, 0.01, 0.001],
    points: rows as unknown as CurveMeta["points"],
  };
  const probes = ["test_linear", ...point.model === "cnn" ? [] : ["test_linear_leaves"]];
  return artifact(root, "curve", {
    point,
    meta,
    files: async (dir) => {
      await writeCsv(join(dir, "curve.csv"), { columns: Object.keys(rows[0]), rows });
      const shares = rows.flatMap((row) => probes.map((name) => row[name] as number));
      await predictionsOf(dir, shares, [rows.length, probes.length]);
      return ["curve.csv", "predictions.npy", ...await testImagesOf(dir)];
    },
  });
}

const treeMeta: SaliencyMeta = {
  model: "dense-join",
  leaves: 2,
  images: 20,
  figureImages: 1,
  categories: { "consistent specialist": 1, "inconsistent specialist": 0, "generalist": 0, "failed": 1 },
  rule: {
    level: 0.05,
    minDependence: 0.01,
    minRank: 2,
    minRatio: 2,
    minCorrelation: 0.5,
    minOverlap: 1 / 3,
    draws: 9999,
    permutations: 9999,
  },
  power: {
    accuracy: 0.021,
    meanGain: 0.04,
    oneClass: { ratio: 2.9, atThree: 0.83, meanGain: 0.038 },
    vehicles: { ratio: null, atThree: 0.41, meanGain: null },
  },
  each: [
    {
      leaf: 0,
      category: "consistent specialist",
      accuracy: { after: 0.37, before: 0.32 },
      discordant: 40,
      onlyAfterRight: 31,
      tests: {
        learned: { p: 1e-9, adjusted: 2e-9 },
        gained: { p: 0.001, adjusted: 0.002 },
        uneven: { p: 0.0001, adjusted: 0.0002 },
        agreeing: { p: 0.003, adjusted: 0.006 },
      },
      favoured: [0, 8],
      favouredGain: 0.12,
      othersGain: 0.02,
      concentration: 0.4,
      gains: [0.13, 0.02, 0.01, 0.03, 0.02, 0.02, 0.01, 0.03, 0.11, 0.02],
      gainErrors: new Array(10).fill(0.01),
    },
    {
      leaf: 1,
      category: "failed",
      accuracy: { after: 0.3, before: 0.31 },
      discordant: 38,
      onlyAfterRight: 18,
      tests: {
        learned: { p: 0.69, adjusted: 0.69 },
        gained: { p: 0.5, adjusted: 0.5 },
        uneven: { p: 0.2, adjusted: 0.2 },
        agreeing: { p: 0.4, adjusted: 0.4 },
      },
      favoured: [6],
      favouredGain: 0.01,
      othersGain: -0.002,
      concentration: 0.6,
      gains: [0, 0, -0.01, 0, 0, 0, 0.01, 0, -0.01, 0],
      gainErrors: new Array(10).fill(0.01),
    },
  ],
  effects: {
    lesion: -0.02,
    worstLesion: { leaf: 1, selection: -0.05, measurement: -0.034, standardError: 0.005 },
    selectivity: 0.12,
    untrainedSelectivity: 0.09,
    images: 20,
  },
  figure3: {
    panels: [[{ leaf: 0, category: "consistent specialist" }, { leaf: 1, category: "failed" }]],
    absent: ["generalist"],
  },
  figure4: { leaves: [{ leaf: 0, category: "consistent specialist" }], specialists: true },
  methods: { embedding: 0.58, smoothGrad: 0.7, integrated: 0.6, completenessError: 0.02 },
  sanity: [
    { layer: "leaves.output", spearman: 0.8, ssim: 0.7 },
    { layer: "leaves.conv1", spearman: 0.2, ssim: -0.1 },
  ],
};

/** Two leaves: the first knows every class, the second gained on one. */
async function leavesTable(dir: string): Promise<readonly string[]> {
  const cells = (leaf: number) =>
    classes.map(({ name }, label): Row => ({
      [`auroc_${name}_before`]: 0.6,
      [`gain_${name}`]: leaf === 0 || label === 3 ? 0.1 : 0.001,
      [`gain_error_${name}`]: 0.01,
    }));
  const rows = [0, 1].map((leaf): Row => Object.assign({ leaf }, ...cells(leaf)));
  await writeCsv(join(dir, "leaves.csv"), { columns: Object.keys(rows[0]), rows });
  return ["leaves.csv"];
}

function saliencyArtifact(root: string, point: { readonly model: string; readonly seed: number }) {
  return artifact(root, "saliency", {
    point,
    meta: point.model === "dense-join"
      ? treeMeta
      : { ...treeMeta, leaves: 1, categories: null, rule: null, power: null, each: null, effects: null },
    files: async (dir) => {
      const pictures = ["figure3", "figure4", "methods"].map((name) => picture(dir, `${name}.png`));
      return [...(await Promise.all(pictures)).flat(), ...await leavesTable(dir)];
    },
  });
}

function umapArtifact(root: string, point: { readonly model: string; readonly seed: number }) {
  const quality = {
    trustworthiness: 0.9,
    continuity: 0.8,
    knnOverlap: 0.3,
    silhouette: { native: 0.1, layout: -0.1 },
  };
  const layout = (turn: number) => ({
    shape: [testImages, 2],
    data: Float32Array.from(
      { length: 2 * testImages },
      (_, i) => Math.sin(i * i + turn + point.model.length),
    ),
  });
  return artifact(root, "umap", {
    point,
    meta: {
      teacher: rangeOfQuality([quality, { ...quality, continuity: 0.7 }]),
      random: rangeOfQuality([quality]),
      layouts: { teacher: [quality, { ...quality, continuity: 0.7 }], random: [quality] },
      layoutSeeds: [0, 1],
      n: testImages,
      neighbors: 15,
      minDist: 0.1,
      epochs: 200,
    },
    files: async (dir) => {
      await writeNpy(join(dir, "embedding.npy"), layout(0));
      await writeNpy(join(dir, "random_embedding.npy"), layout(1));
      const labels = Uint8Array.from({ length: testImages }, (_, i) => i % 10);
      await writeNpy(join(dir, "labels.npy"), { shape: [testImages], data: labels });
      await writeNpy(join(dir, "index.npy"), {
        shape: [testImages],
        data: Int32Array.from(labels, (_, i) => 7 * i),
      });
      return ["embedding.npy", "random_embedding.npy", "labels.npy", "index.npy"];
    },
  });
}

async function picture(dir: string, name: string): Promise<readonly string[]> {
  await Deno.writeFile(
    join(dir, name),
    encodePng({ width: 2, height: 2, channels: 3, data: new Uint8Array(12).fill(200) }),
  );
  return [name];
}
