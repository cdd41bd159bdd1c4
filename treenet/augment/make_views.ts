/**
 * Views of an image: crop and resize, flip, colour jitter, greyscale, blur, solarise, in this order
 * (docs/recipe.md, Augmentation), on 8-bit sRGB pixels.
 *
 * Each view has its own random stream, identified by (seed, image, round, view), so it does not depend on the
 * worker or on the other views. Its draws, in order: crop ({@linkcode drawBox}); flip?; jitter?, then
 * {@linkcode jitter}'s; greyscale?; blur?, then the radius; solarise?. The questions are always drawn; the
 * draws after a question only if its answer is yes.
 *
 * @module
 */
import { random } from "../random.ts";
import { gaussianBlur } from "./blur.ts";
import { grayscale, solarise } from "./colour.ts";
import { drawBox, flip, uniform } from "./crop.ts";
import { jitter } from "./jitter.ts";
import { type AugmentRecipe, SIDE } from "./recipe.ts";
import { resizeBox } from "./resize.ts";

/** Key of an image's views, completed by the number of a view. */
export interface ViewKey {
  /** Seed of the whole set of views. */
  readonly seed: number;
  /** Number of the image in the training set. */
  readonly image: number;
  /** Number of earlier passes over the images. */
  readonly round: number;
}

/** Views of n images, sRGB 0–255. */
export interface Views {
  /** [n, G, s, s, 3] */
  readonly globals: Uint8Array<ArrayBuffer>;
  /** [n, L, t, t, 3] */
  readonly locals: Uint8Array<ArrayBuffer>;
}

/** Bytes of an image's global and local views. */
export function viewBytes(
  { globals, locals }: AugmentRecipe,
): { readonly globals: number; readonly locals: number } {
  return {
    globals: globals.count * globals.size ** 2 * 3,
    locals: locals.count * locals.size ** 2 * 3,
  };
}

/**
 * Makes all views of one image [32, 32, 3]. Views are numbered from 0, the globals first.
 *
 * @example
 * ```ts
 * import { augmentRecipe, makeViews } from "./mod.ts";
 * const recipe = augmentRecipe.parse({ locals: { count: 2 } });
 * const image = new Uint8Array(32 * 32 * 3).fill(100);
 * const { globals, locals } = makeViews(recipe, image, { seed: 0, image: 17, round: 3 });
 * globals.length === 2 * 32 * 32 * 3 && locals.length === 2 * 13 * 13 * 3;
 * ```
 */
export function makeViews(recipe: AugmentRecipe, image: Uint8Array, key: ViewKey): Views {
  const bytes = viewBytes(recipe);
  const views = { globals: new Uint8Array(bytes.globals), locals: new Uint8Array(bytes.locals) };
  writeViews(recipe, image, { key, ...views });
  return views;
}

/** Writes the views of {@linkcode makeViews} into existing arrays. */
export function writeViews(
  recipe: AugmentRecipe,
  image: Uint8Array,
  into: { readonly key: ViewKey; readonly globals: Uint8Array; readonly locals: Uint8Array },
): void {
  if (image.length !== SIDE * SIDE * 3) {
    throw new RangeError(
      `Cannot make views: the image has ${image.length} bytes, expected ${SIDE * SIDE * 3}`,
    );
  }
  for (const [kind, first] of [["globals", 0], ["locals", recipe.globals.count]] as const) {
    const { count, size, scale } = recipe[kind];
    const bytes = size * size * 3;
    for (let i = 0; i < count; i++) {
      const pixels = into[kind].subarray(i * bytes, (i + 1) * bytes);
      makeView(recipe, image, {
        ...into.key,
        view: first + i,
        size,
        scale,
        blur: kind === "locals" ? recipe.blur.locals : nth(recipe.blur.globals, i),
        solarise: kind === "locals" ? recipe.solarise.locals : nth(recipe.solarise.globals, i),
        pixels,
      });
    }
  }
}

interface View extends ViewKey {
  readonly view: number;
  readonly size: number;
  readonly scale: readonly [number, number];
  /** Probability of a blur; likewise `solarise`. */
  readonly blur: number;
  readonly solarise: number;
  /** Output [size, size, 3]. */
  readonly pixels: Uint8Array;
}

let scratch = new Uint8Array(0);

function makeView(recipe: AugmentRecipe, image: Uint8Array, view: View): void {
  const { size, pixels } = view;
  if (scratch.length < SIDE * size * 3) scratch = new Uint8Array(SIDE * size * 3);
  const stream = random(view.seed, view.image, view.round, view.view);
  const box = drawBox(stream, { side: SIDE, scale: view.scale, aspect: recipe.aspect });
  resizeBox(image, { side: SIDE, box, size, out: pixels, scratch });
  if (stream.uniform() < recipe.flip) flip(pixels, size);
  if (stream.uniform() < recipe.jitter.probability) jitter(pixels, stream, recipe.jitter);
  if (stream.uniform() < recipe.grayscale) grayscale(pixels);
  if (stream.uniform() < view.blur) {
    gaussianBlur(pixels, { size, radius: uniform(stream, recipe.blur.radius), scratch });
  }
  if (stream.uniform() < view.solarise) solarise(pixels, recipe.solarise.threshold);
}

/** Element i of a list whose last element holds for all that follow. */
function nth(list: readonly number[], i: number): number {
  return list[Math.min(i, list.length - 1)];
}
