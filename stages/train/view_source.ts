/**
 * The source of a training step's views: the rounds that augment-cache stored, or the same bytes made on the
 * fly.
 *
 * @module
 */
import { join } from "node:path";
import { readCifar, select } from "../../formats/cifar.ts";
import { readNpy } from "../../formats/npy.ts";
import {
  AugmentPool,
  type AugmentRecipe,
  augmentRecipe,
  viewBytes,
  type Views,
} from "../../treenet/augment/mod.ts";
import { permutation, random } from "../../treenet/random.ts";

/** Views by step. */
export interface ViewSource extends Disposable {
  readonly recipe: AugmentRecipe;
  /** Images of an epoch. */
  readonly images: number;
  /** Views of the batch of step i, counted from 0. */
  views(step: number): Promise<Views>;
}

/** Folders to read, and the number of images to use. */
export interface SourceOptions {
  /** Folders of the artifacts. */
  readonly views: string;
  readonly data: string;
  readonly rounds: number;
  /** Makes these views instead of the cached ones; null for those. */
  readonly recipe: AugmentRecipe | null;
  readonly seed: number;
  readonly batch: number;
  /** Use only the first of the views' images, this many; null for all. */
  readonly images: number | null;
  readonly cores: number;
}

/** Views of images by their place among the views' images. */
interface Rounds extends Disposable {
  views(round: number, places: Int32Array): Promise<Views>;
}

const ORDER = 0x0eda; // keeps the order of images apart from other draws of the same seed

/** Opens the views of an augment-cache artifact. The caller disposes of it. */
export async function openViews(options: SourceOptions): Promise<ViewSource> {
  const index = JSON.parse(await Deno.readTextFile(join(options.views, "index.json")));
  const recipe = options.recipe ?? augmentRecipe.parse(index.recipe);
  checkPairs(recipe);
  const { data: ids } = await readNpy(join(options.views, "images.npy"), "int32");
  const images = imagesOf(ids.length, options.images);
  const rounds = options.rounds > 0 && options.recipe === null
    ? storedRounds(recipe, options)
    : await freshRounds(recipe, { ids, ...options });
  const next = prefetch((step) => {
    const { round, places } = batchAt(step, { ...options, images });
    return rounds.views(round, places);
  });
  return { recipe, images, views: next, [Symbol.dispose]: () => rounds[Symbol.dispose]() };
}

/** The images of a step and their round: each epoch is a new permutation, and a partial batch is dropped. */
export function batchAt(
  step: number,
  { images, batch, seed }: { readonly images: number; readonly batch: number; readonly seed: number },
): { readonly round: number; readonly places: Int32Array } {
  const perEpoch = Math.floor(images / batch);
  const epoch = Math.floor(step / perEpoch);
  const from = (step % perEpoch) * batch;
  return { round: epoch, places: permutation(images, random(seed, epoch, ORDER)).slice(from, from + batch) };
}

function imagesOf(available: number, wanted: number | null): number {
  if (wanted === null || wanted <= available) return wanted ?? available;
  throw new RangeError(
    `Cannot train on ${wanted} images: augment-cache has views of ${available}, ` +
      "lower train.images or raise augment-cache.images",
  );
}

function checkPairs({ globals }: AugmentRecipe): void {
  if (globals.count >= 2) return;
  throw new RangeError(
    "Cannot train: the teacher sees one view of an image, expected at least 2, raise augment-cache.globals.count",
  );
}

/** Reads a round at its first use and keeps it; round r of an endless run is r mod the number of rounds. */
function storedRounds(recipe: AugmentRecipe, { views, rounds }: SourceOptions): Rounds {
  const bytes = viewBytes(recipe);
  let current: { readonly round: number; readonly views: Promise<Views> } | undefined;
  return {
    async views(epoch, places) {
      const round = epoch % rounds;
      if (current?.round !== round) {
        current = { round, views: readRound(views, { round, locals: bytes.locals > 0 }) };
      }
      const all = await current.views;
      return {
        globals: pick(all.globals, places, bytes.globals),
        locals: pick(all.locals, places, bytes.locals),
      };
    },
    [Symbol.dispose]() {},
  };
}

async function readRound(
  folder: string,
  { round, locals }: { readonly round: number; readonly locals: boolean },
): Promise<Views> {
  const path = (kind: string) => join(folder, `round-${String(round).padStart(3, "0")}-${kind}.npy`);
  const read = async (kind: string) => (await readNpy(path(kind), "uint8")).data as Uint8Array<ArrayBuffer>;
  return { globals: await read("global"), locals: locals ? await read("local") : new Uint8Array(0) };
}

async function freshRounds(
  recipe: AugmentRecipe,
  { data, ids, seed, cores }: SourceOptions & { readonly ids: Int32Array },
): Promise<Rounds> {
  const { images } = select((await readCifar(data)).train, ids);
  const pool = await AugmentPool.create(recipe, images, { seed, workers: cores });
  return {
    views: (round, places) => pool.views(round, places, places.map((place) => ids[place])),
    [Symbol.dispose]: () => pool.close(),
  };
}

function pick(bytes: Uint8Array, places: Int32Array, length: number): Uint8Array<ArrayBuffer> {
  const chosen = new Uint8Array(places.length * length);
  places.forEach((place, i) => chosen.set(bytes.subarray(place * length, (place + 1) * length), i * length));
  return chosen;
}

/** Starts on step i + 1 as soon as step i is handed out: views are made while the networks compute. */
function prefetch(make: (step: number) => Promise<Views>): (step: number) => Promise<Views> {
  let ahead: { readonly step: number; readonly views: Promise<Views> } | undefined;
  return async (step) => {
    const views = await (ahead?.step === step ? ahead.views : make(step));
    ahead = { step: step + 1, views: make(step + 1) };
    ahead.views.catch(() => {}); // reported when it is asked for
    return views;
  };
}

/**
 * Measures the share of its time that a run waits for views: near 0 where the augmentation workers are faster
 * than the networks, so that the device is always busy. It goes into run.json and beside the progress bar,
 * never into a result. It starts counting at construction.
 */
export class Waiting {
  readonly #started = clock();
  #waited = 0; // ms

  /** Waits for `work`, and counts how long that takes. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const from = clock();
    const result = await work();
    this.#waited += clock() - from;
    return result;
  }

  /** Waiting as a part of the time since the start, 0 … 1. */
  get share(): number {
    return this.#waited / Math.max(clock() - this.#started, 1e-3);
  }
}

/** ms */
function clock(): number {
  // deno-lint-ignore house/hidden-input -- no result depends on it
  return performance.now();
}
