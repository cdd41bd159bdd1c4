/**
 * A prediction as a small picture: the image, each leaf's saliency map, and the nearest training images.
 *
 * @module
 */
import { CLASSES, SIDE } from "../../../formats/cifar.ts";
import { svgToPng } from "../../../treenet/figures/rasterise.ts";
import { drawTileGrid, type LabelLine, type TileRow } from "../../../treenet/figures/tile_grid.ts";
import { blurred, hot, type Tile } from "../../../treenet/figures/tiles.ts";
import type { Prediction } from "./predict.ts";

/** Number of pictures in a row. */
export const COLUMNS = 8;

/** Number of classes listed beside the image. */
const LISTED = 3;

/** Draws a PNG. `nearest`: sRGB bytes [k, 32, 32, 3] of the neighbours, absent without the data set. */
export async function drawPrediction(
  prediction: Prediction,
  { image, nearest, title }: {
    readonly image: Uint8Array;
    readonly nearest?: Uint8Array;
    readonly title: string;
  },
): Promise<Uint8Array> {
  const rows = [
    { lines: ranked(prediction).slice(0, LISTED), tiles: [{ side: SIDE, rgb: image }] },
    ...leafRows(prediction),
    ...(nearest === undefined ? [] : [nearestRow(prediction, nearest)]),
  ];
  const headings = Array.from({ length: COLUMNS }, () => "");
  return await svgToPng(drawTileGrid({ title, headings, rows }));
}

/** Classes with their probabilities, the most probable first: `cat 41%`. */
export function ranked({ probabilities }: Prediction): readonly LabelLine[] {
  return [...probabilities.entries()].sort(([, a], [, b]) => b - a)
    .map(([label, p], i) => ({ text: `${CLASSES[label]} ${(100 * p).toFixed(0)}%`, bold: i === 0 }));
}

function leafRows({ maps, leaves }: Prediction): readonly TileRow[] {
  const tiles = Array.from({ length: leaves }, (_, leaf): Tile => {
    const values = blurred(maps.subarray(leaf * SIDE * SIDE, (leaf + 1) * SIDE * SIDE));
    return hot({ values, bottom: 0, top: values.reduce((a, b) => Math.max(a, b), 0) });
  });
  return Array.from({ length: Math.ceil(leaves / COLUMNS) }, (_, row) => {
    const [first, last] = [row * COLUMNS, Math.min(leaves, (row + 1) * COLUMNS)];
    const lines = leaves === 1
      ? [{ text: "Saliency" }]
      : [{ text: "Saliency of leaves" }, { text: `${first} to ${last - 1}` }];
    return { lines, tiles: tiles.slice(first, last), gap: row === 0 ? 6 : 0 };
  });
}

function nearestRow({ neighbours }: Prediction, nearest: Uint8Array): TileRow {
  const tiles = neighbours.map((_, i): Tile => ({
    side: SIDE,
    rgb: nearest.subarray(i * 3 * SIDE * SIDE, (i + 1) * 3 * SIDE * SIDE),
  }));
  const classes = Map.groupBy(neighbours, ({ label }) => CLASSES[label]);
  const counts = [...classes].map(([name, { length }]) => `${length} ${name}`);
  return {
    lines: [{ text: "Nearest training images" }, { text: counts.slice(0, LISTED).join(", ") }],
    tiles,
    gap: 6,
  };
}
