/**
 * Ours: each transform by itself, with drawn parameters.
 *
 * @module
 */
import { gaussianBlur } from "../../treenet/augment/blur.ts";
import { brightness, contrast, grayscale, saturation, solarise } from "../../treenet/augment/colour.ts";
import { drawBox, flip, uniform } from "../../treenet/augment/crop.ts";
import { turnHue } from "../../treenet/augment/hue.ts";
import { jitter } from "../../treenet/augment/jitter.ts";
import { augmentRecipe } from "../../treenet/augment/mod.ts";
import { resizeBox } from "../../treenet/augment/resize.ts";
import { permutation, type Random, random } from "../../treenet/random.ts";

export const SIDE = 32;
const RECIPE = augmentRecipe.parse({});
const { jitter: STRENGTHS } = RECIPE;

/** One transform of one image: its parameters, and pixels [size, size, 3] after it. */
export interface Changed {
  readonly options: Readonly<Record<string, unknown>>;
  readonly size: number;
  readonly pixels: Uint8Array;
}

type Change = (image: Uint8Array, stream: Random) => Changed;

const colour = (
  change: (pixels: Uint8Array, factor: number) => void,
  range: readonly [number, number],
): Change =>
(image, stream) => {
  const factor = uniform(stream, range);
  return inPlace(image, { factor }, (pixels) => change(pixels, factor));
};
const around = (strength: number): [number, number] => [1 - strength, 1 + strength];

/** Augmentations by their names in the reference's `augment.py`. */
export const CHANGES: Readonly<Record<string, Change>> = {
  crop(image, stream) {
    const kind = stream.uniform() < 0.5 ? RECIPE.globals : RECIPE.locals;
    const box = drawBox(stream, { side: SIDE, scale: kind.scale, aspect: RECIPE.aspect });
    const { size } = kind;
    const pixels = new Uint8Array(size * size * 3);
    resizeBox(image, { side: SIDE, box, size, out: pixels, scratch: new Uint8Array(SIDE * size * 3) });
    return { options: { ...box, size }, size, pixels };
  },
  flip: (image) => inPlace(image, {}, (pixels) => flip(pixels, SIDE)),
  brightness: colour(brightness, around(STRENGTHS.brightness)),
  contrast: colour(contrast, around(STRENGTHS.contrast)),
  saturation: colour(saturation, around(STRENGTHS.saturation)),
  hue: colour(turnHue, [-STRENGTHS.hue, STRENGTHS.hue]),
  jitter(image, stream) {
    const words = [stream.integer(1000), stream.integer(1000)] as const;
    const again = random(...words); // draws what jitter draws
    const order = [...permutation(4, again)];
    const factors = [
      uniform(again, around(STRENGTHS.brightness)),
      uniform(again, around(STRENGTHS.contrast)),
      uniform(again, around(STRENGTHS.saturation)),
      uniform(again, [-STRENGTHS.hue, STRENGTHS.hue]),
    ];
    return inPlace(image, { order, factors }, (pixels) => jitter(pixels, random(...words), STRENGTHS));
  },
  grayscale: (image) => inPlace(image, {}, grayscale),
  blur(image, stream) {
    const radius = uniform(stream, RECIPE.blur.radius);
    const scratch = new Uint8Array(SIDE);
    return inPlace(image, { radius }, (pixels) => gaussianBlur(pixels, { size: SIDE, radius, scratch }));
  },
  solarise(image) {
    const { threshold } = RECIPE.solarise;
    return inPlace(image, { threshold }, (pixels) => solarise(pixels, threshold));
  },
};

function inPlace(
  image: Uint8Array,
  options: Changed["options"],
  change: (pixels: Uint8Array) => void,
): Changed {
  const pixels = image.slice();
  change(pixels);
  return { options, size: SIDE, pixels };
}
