/**
 * What the saliency stage writes.
 *
 * @module
 */
import { join } from "node:path";
import { type Row, writeCsv } from "../formats/csv.ts";
import { encodePng } from "../formats/png.ts";
import { writeNpy } from "../formats/npy.ts";
import { svgToPng } from "../treenet/figures/png.ts";
import {
  type Figure,
  type FigureImages,
  mapFigure,
  overlayFigure,
  SHOWN_COLUMNS,
} from "../treenet/saliency/figures.ts";
import type { ShownLeaf } from "../treenet/saliency/shown.ts";

/** Leaves of the two figures. */
export interface Shown {
  /** Figure 3: a row each. */
  readonly overlays: readonly (readonly ShownLeaf[])[];
  /** Figure 4: a row each, with what its label adds to the leaf's name. */
  readonly maps: readonly { readonly leaf: ShownLeaf; readonly notes: readonly string[] }[];
}

/** Writes maps.npy and both figures. */
export async function writeMaps(out: string, images: FigureImages, shown: Shown): Promise<void> {
  const { maps, leaves, side, labels } = images;
  await writeNpy(join(out, "maps.npy"), { shape: [labels.length, leaves, side, side], data: maps });
  const options = { encode: encodePng };
  await writeFigure(out, "figure3", overlayFigure(images, shown.overlays, options));
  await writeFigure(out, "figure4", mapFigure(images, shown.maps, options));
}

async function writeFigure(out: string, name: string, { svg, rows }: Figure): Promise<void> {
  await Deno.writeTextFile(join(out, `${name}.svg`), svg);
  await Deno.writeFile(join(out, `${name}.png`), await svgToPng(svg));
  await writeCsv(join(out, `${name}.csv`), {
    columns: SHOWN_COLUMNS,
    rows: rows.map((row): Row => ({ ...row })),
  });
}
