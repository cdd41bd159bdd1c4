/**
 * Small pictures of images and saliency maps, as pixels.
 *
 * @module
 */

/** A square picture: RGB bytes [side, side, 3]. */
export interface Tile {
  readonly side: number;
  readonly rgb: Uint8Array;
}

/** A map and the values drawn darkest and brightest; values beyond them are clipped. */
export interface ScaledMap {
  /** [side · side], non-negative. */
  readonly values: Float32Array;
  readonly bottom: number;
  readonly top: number;
}

/** Colour of a map's light in an overlay, sRGB 0–255. */
export type Hue = readonly [number, number, number];

/** Share of an image's brightness that is left under an overlay. */
const DIMMED = 0.42;

/** Draws every pixel as a square of `factor` × `factor`. */
export function enlarged({ side, rgb }: Tile, factor: number): Tile {
  const wide = side * factor;
  const out = new Uint8Array(3 * wide * wide);
  for (let pixel = 0; pixel < wide * wide; pixel++) {
    const from = Math.floor(Math.floor(pixel / wide) / factor) * side + Math.floor((pixel % wide) / factor);
    out.set(rgb.subarray(3 * from, 3 * from + 3), 3 * pixel);
  }
  return { side: wide, rgb: out };
}

/** The image in dimmed grey, with each map over it as light of its own hue ("screen" blending). */
export function overlay(
  image: Tile,
  maps: readonly { readonly map: ScaledMap; readonly hue: Hue }[],
): Tile {
  const rgb = image.rgb.map((_, i) => {
    const at = i - i % 3;
    const grey = 0.299 * image.rgb[at] + 0.587 * image.rgb[at + 1] + 0.114 * image.rgb[at + 2];
    const dark = maps.reduce(
      (rest, { map, hue }) => rest * (1 - strength(map, at / 3) * hue[i % 3] / 255),
      1 - DIMMED * grey / 255,
    );
    return Math.round(255 * (1 - dark));
  });
  return { side: image.side, rgb };
}

/** Weights of a pixel and its neighbours on either side: a Gaussian of standard deviation 1 pixel. */
const KERNEL = [-2, -1, 0, 1, 2].map((offset) => Math.exp(-(offset ** 2) / 2));

/** Blurs a square map by one pixel; at the border the remaining weights are renormalised. */
export function blurred(values: Float32Array): Float32Array {
  const side = Math.sqrt(values.length);
  const along = (from: Float32Array, step: number) =>
    from.map((_, pixel) => {
      const at = step === 1 ? pixel % side : Math.floor(pixel / side);
      let [sum, weights] = [0, 0];
      for (const [k, weight] of KERNEL.entries()) {
        const offset = k - 2;
        if (at + offset < 0 || at + offset >= side) continue;
        sum += weight * from[pixel + offset * step];
        weights += weight;
      }
      return sum / weights;
    });
  return along(along(values, 1), side);
}

/** The map in hot colours: black, red, yellow, white. */
export function hot(map: ScaledMap): Tile {
  const rgb = new Uint8Array(3 * map.values.length);
  for (let pixel = 0; pixel < map.values.length; pixel++) {
    rgb.set(hotColour(strength(map, pixel)).map((value) => Math.round(255 * value)), 3 * pixel);
  }
  return { side: Math.sqrt(map.values.length), rgb };
}

/** RGB in [0, 1] of a strength in [0, 1]: red rises over the first 3/8, green over the next, then blue. */
export function hotColour(t: number): Hue {
  const ramp = (from: number, to: number) => Math.min(1, Math.max(0, (t - from) / (to - from)));
  return [ramp(0, 0.375), ramp(0.375, 0.75), ramp(0.75, 1)];
}

function strength({ values, bottom, top }: ScaledMap, pixel: number): number {
  return top > bottom ? Math.min(1, Math.max(0, (values[pixel] - bottom) / (top - bottom))) : 0;
}
