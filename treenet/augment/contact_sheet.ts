/**
 * A picture of images with their views: a row has the original, the global and the local views.
 *
 * @module
 */
import { type AugmentRecipe, SIDE } from "./recipe.ts";
import { makeViews, type ViewKey } from "./make_views.ts";

/** RGB pixels [height, width, 3]. */
export interface Sheet {
  readonly width: number;
  readonly height: number;
  readonly channels: 3;
  readonly data: Uint8Array;
}

const CELL = 96; // pixels on a side
const GUTTER = 6;
const GROUP_GUTTER = 24;
const WHITE = 255;

/** An image [32, 32, 3] and the key of its views. */
export interface Row {
  readonly image: Uint8Array;
  readonly key: ViewKey;
}

/** Draws images and their views, pixels enlarged by whole factors. */
export function contactSheet(recipe: AugmentRecipe, rows: readonly Row[]): Sheet {
  const { globals, locals } = recipe;
  const groups = [{ count: 1, size: SIDE }, globals, ...(locals.count > 0 ? [locals] : [])];
  const columns = groups.reduce((sum, { count }) => sum + count, 0);
  const width = columns * (CELL + GUTTER) + GUTTER + (groups.length - 1) * (GROUP_GUTTER - GUTTER);
  const height = rows.length * (CELL + GUTTER) + GUTTER;
  const data = new Uint8Array(width * height * 3).fill(WHITE);
  rows.forEach(({ image, key }, row) => {
    const views = makeViews(recipe, image, key);
    const pixels = [image, views.globals, views.locals];
    const top = GUTTER + row * (CELL + GUTTER);
    let left = GUTTER;
    groups.forEach(({ count, size }, group) => {
      const bytes = size * size * 3;
      for (let i = 0; i < count; i++, left += CELL + GUTTER) {
        paste(data, pixels[group].subarray(i * bytes, (i + 1) * bytes), { width, left, top, size });
      }
      left += GROUP_GUTTER - GUTTER;
    });
  });
  return { width, height, channels: 3, data };
}

/** Enlarges [size, size, 3] by the largest whole factor that fits a cell, in the cell's middle. */
function paste(
  sheet: Uint8Array,
  pixels: Uint8Array,
  place: { readonly width: number; readonly left: number; readonly top: number; readonly size: number },
): void {
  const { width, left, top, size } = place;
  const factor = Math.max(1, Math.floor(CELL / size));
  const shown = Math.min(CELL, size * factor);
  const margin = (CELL - shown) >> 1;
  for (let y = 0; y < shown; y++) {
    for (let x = 0; x < shown; x++) {
      const from = (Math.floor(y / factor) * size + Math.floor(x / factor)) * 3;
      const to = ((top + margin + y) * width + left + margin + x) * 3;
      for (let channel = 0; channel < 3; channel++) sheet[to + channel] = pixels[from + channel];
    }
  }
}
