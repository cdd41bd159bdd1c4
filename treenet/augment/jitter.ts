/**
 * Colour jitter: torchvision's ColorJitter.
 *
 * @module
 */
import { permutation, type Random } from "../random.ts";
import { brightness, contrast, saturation } from "./colour.ts";
import { uniform } from "./crop.ts";
import { turnHue } from "./hue.ts";
import type { AugmentRecipe } from "./recipe.ts";

/**
 * Changes brightness, contrast, saturation and hue of RGB pixels, in a random order, in place.
 *
 * Draws: the order, then a factor for each in the order above.
 */
export function jitter(pixels: Uint8Array, stream: Random, strengths: AugmentRecipe["jitter"]): void {
  const order = permutation(4, stream);
  const factors = [
    uniform(stream, around(strengths.brightness)),
    uniform(stream, around(strengths.contrast)),
    uniform(stream, around(strengths.saturation)),
    uniform(stream, [-strengths.hue, strengths.hue]),
  ];
  for (const change of order) {
    // A change that is switched off must not even round.
    if (strengths[NAMES[change]] > 0) CHANGES[change](pixels, factors[change]);
  }
}

const NAMES = ["brightness", "contrast", "saturation", "hue"] as const;
const CHANGES = [brightness, contrast, saturation, turnHue] as const;

function around(strength: number): [number, number] {
  return [Math.max(0, 1 - strength), 1 + strength];
}
