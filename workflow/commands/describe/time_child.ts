/**
 * Times one unit of the work of each task it is asked about, with the real model and sizes, on a backend. Reads a
 * question from stdin, prints a line with the answer: task id → seconds.
 *
 * @module
 */
import type { Context } from "../../../pipeline/stage.ts";
import type { Timed } from "../../../pipeline/mod.ts";
import { lengthOf } from "../../../stages/train/length.ts";
import type { TrainParams } from "../../../stages/train/params.ts";
import { optionsOf } from "../../../stages/train/run.ts";
import { type ViewSource, Waiting } from "../../../stages/train/view_source.ts";
import type { AugmentRecipe } from "../../../treenet/augment/recipe.ts";
import { encode } from "../../../treenet/nn/features.ts";
import { loadMethod, loadModel } from "../../../treenet/models.ts";
import { buildEncoder, buildNetwork, initialEncoder } from "../../../treenet/network.ts";
import { type Backend, loadOps } from "../../../treenet/ops/mod.ts";
import { upload } from "../../../treenet/nn/parameters.ts";
import { mapImages } from "../../../treenet/saliency/map_images.ts";
import { newState, share } from "../../../treenet/state.ts";
import { train } from "../../../treenet/train.ts";
import type { Ops } from "../../../treenet/nn/types.ts";

/** The tasks to time, and the backend that computes them. */
export interface Question {
  readonly tasks: readonly Timed[];
  readonly backend: string;
  /** Absolute path of the backend's native library, where it has one. */
  readonly library?: string;
}

/** Pixels on a side of the images that stages encode. */
const SIDE = 32;
/** Images of the first pass, which compiles and fills caches. */
const FIRST = 2;
/** Longest time of a timed pass by its declared rate, seconds; passes repeat for half of that. */
const LONG = 1;

/** Prepares a stage's work; the function does a unit of it for so many images at once. */
type Trial = (task: Timed, ops: Ops) => Promise<(images: number) => Promise<unknown>>;

const encoding: Trial = async ({ params }, ops) => {
  const { model, type = model, architecture } = params as unknown as TrainParams;
  const encoder = buildEncoder(await loadModel(type), architecture);
  const weights = initialEncoder(encoder, 0);
  return (batch) => encode(encoder, weights, { ops, batch, size: SIDE, images: pixels(batch, SIDE) });
};

const mapping: Trial = async ({ params }, ops) => {
  const { model, type = model, architecture } = params as unknown as TrainParams;
  const encoder = buildEncoder(await loadModel(type), architecture);
  const network = { encoder, params: upload(encoder.specs, initialEncoder(encoder, 0)), ops };
  return (batch) => mapImages(network, pixels(batch, SIDE), { side: SIDE, batch });
};

type Views = AugmentRecipe & { readonly images: number };

/** A step of training, on a batch of so many images. */
const stepping: Trial = async ({ params: asked, inputs }, ops) => {
  const params = asked as unknown as TrainParams, cached = inputs.views as unknown as Views;
  const recipe = { ...cached, ...params.views };
  const encoder = buildEncoder(await loadModel(params.type ?? params.model), params.architecture);
  const network = buildNetwork(encoder, await loadMethod(params.method), params);
  const state = share(newState(network, 0), ops);
  return async (batch) => {
    const bytes = ({ count, size }: Views["globals"]) => pixels(batch * count, size);
    const views = { globals: bytes(recipe.globals), locals: bytes(recipe.locals) };
    const source = { recipe, views: () => Promise.resolve(views) } as unknown as ViewSource;
    const length = { ...lengthOf(params, params.images ?? recipe.images), until: state.step + 1 };
    const run = { network, source, length, ops, waiting: new Waiting() };
    for await (const _ of train(state, optionsOf({} as Context, { ...params, batch }, run)));
  };
};

const trials: Readonly<Record<string, Trial>> = {
  "train": stepping,
  "ema-teacher": encoding,
  "layer-probe": encoding,
  "ensemble": encoding,
  "curve": encoding,
  "saliency": mapping,
};

if (import.meta.main) {
  const { tasks, backend, library }: Question = await new Response(Deno.stdin.readable).json();
  const seconds: Record<string, number> = {};
  for (const task of tasks) {
    if (!Object.hasOwn(trials, task.stage)) continue;
    const ops = await loadOps(backend as Backend, { cores: task.cores, library });
    const { batch } = task.params as unknown as { readonly batch: number };
    const images = Math.max(FIRST, Math.min(batch, Math.floor(LONG / task.declared)));
    seconds[task.id] = await timed(await trials[task.stage](task, ops), images);
    ops.close();
  }
  console.log(JSON.stringify(seconds));
  Deno.exit(0);
}

/** Seconds of one image in the fastest of a few passes; other work of the machine makes passes slower. */
async function timed(run: (images: number) => Promise<unknown>, images: number): Promise<number> {
  await run(FIRST);
  let [fastest, sum] = [Infinity, 0];
  while (sum < LONG / 2) {
    const start = now();
    await run(images);
    fastest = Math.min(fastest, now() - start);
    sum += now() - start;
  }
  return fastest / images;
}

/** Seconds on a monotonic clock. */
function now(): number {
  return performance.now() / 1000;
}

/** Bytes of images with no pattern that a network could recognise. */
function pixels(count: number, side: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: 3 * count * side ** 2 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 24);
}
