/**
 * The whole workflow at a size for tests: generated images in CIFAR-10's own format, every architecture of the paper,
 * a handful of training steps.
 *
 * @module
 */
import { writeTinyCifar } from "../data/tiny_cifar.ts";
import type { Checkout } from "./checkout.ts";

export interface Tiny {
  /** Folder of the six batches, for `--source`. */
  readonly data: string;
}

/** Writes `profiles/tiny.json` and its data set into a checkout. */
export async function addTinyProfile(checkout: Checkout): Promise<Tiny> {
  const data = `${checkout.dir}/tiny-cifar`;
  await Deno.mkdir(data);
  const md5 = await writeTinyCifar(data, { perBatch: 60 });
  const leaf = { channels: [4, 4, 8, 8, 8], strides: [2, 1, 1, 2, 1] };
  const tree = { ...leaf, leaves: 3, leafSize: 16 };
  const profile = {
    $schema: "./profile.schema.json",
    summary: "For tests: generated images, tiny nets, a few steps",
    seeds: [0],
    models: {
      "dense-join": { ...tree, joinWidths: [32, 16] },
      "avg-join": tree,
      "cnn": { ...leaf, leafSize: 16 },
      "resnet50": { width: 2 },
    },
    "download": { md5 },
    "augment-cache": { images: 64, rounds: 1, locals: { count: 2 } },
    "train": {
      epochs: 2,
      images: 64,
      batch: 16,
      microBatch: 8,
      warmupSteps: 2,
      freezeSteps: 2,
      snapshots: 1,
      head: { hidden: 16, bottleneck: 8, prototypes: 32 },
    },
    "ema-teacher": { trainImages: 200, testImages: 60 },
    "probe": { l2: { count: 3 }, neighbours: [5, 20], released: { maxEpochs: 20 } },
    "leaf-probe": { trainImages: 200, testImages: 60, l2: { count: 3 } },
    "curve": { trainImages: 100, testImages: 20, l2: [0.1] },
    "saliency": { images: 40 },
    "umap": {},
    "controls": {
      trainImages: 200,
      testImages: 60,
      pixelSide: 4,
      components: 8,
      patches: { stride: 4, centroids: 4, count: 200, iterations: 3 },
      l2: { count: 3 },
    },
    "report": {},
  };
  await Deno.writeTextFile(`${checkout.dir}/profiles/tiny.json`, JSON.stringify(profile, null, 2) + "\n");
  return { data };
}
