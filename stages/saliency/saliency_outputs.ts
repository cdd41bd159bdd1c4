/**
 * The saliency stage writes its maps, their checks and its figures.
 *
 * @module
 */
import { join } from "node:path";
import { type Row, writeCsv } from "../../formats/csv.ts";
import { writeNpy } from "../../formats/npy.ts";
import { svgToPng } from "../../treenet/figures/rasterise.ts";
import type { HalvedDecoding } from "../../treenet/saliency/leaves/decoding.ts";
import type { Halves } from "../../treenet/saliency/leaves/halves.ts";
import type { CascadeStep } from "../../treenet/saliency/cascade.ts";
import type { Comparison } from "../../treenet/saliency/map_comparison.ts";
import {
  type Figure,
  type FigureImages,
  mapFigure,
  type MapRow,
  methodFigure,
  overlayFigure,
  SHOWN_COLUMNS,
} from "../../treenet/saliency/saliency_figures.ts";
import type { EmbeddingMaps } from "./mapping.ts";
import type { Triple } from "../../treenet/saliency/shown.ts";

/** Leaves of the figures. */
export interface Shown {
  /** Figure 3: a row for each triple. */
  readonly overlays: readonly Triple[];
  /** Figure 4: a row for each leaf; the first leaf is drawn by all methods. */
  readonly maps: readonly MapRow[];
  /** Remark in Figure 4. */
  readonly remark?: string;
}

/** Writes maps.npy, embedding_maps.npy and the figures. */
export async function writeMaps(
  out: string,
  images: FigureImages,
  { shown, comparison, embedding }: {
    readonly shown: Shown;
    readonly comparison: Comparison;
    readonly embedding: EmbeddingMaps;
  },
): Promise<void> {
  const { maps, leaves, side, labels } = images;
  await writeNpy(join(out, "maps.npy"), { shape: [labels.length, leaves, side, side], data: maps });
  await writeNpy(join(out, "embedding_maps.npy"), {
    shape: [labels.length, leaves, side, side],
    data: embedding.maps,
  });
  await writeFigure(out, "figure3", overlayFigure(images, shown.overlays));
  await writeFigure(out, "figure4", mapFigure(images, { shown: shown.maps, remark: shown.remark }));
  const { leaf } = shown.maps[0];
  const { smoothGrad, integrated, agreements } = comparison;
  const agreement = agreements[leaf.leaf];
  const methods = [
    { name: "released", note: "gradient, head's outputs", maps },
    {
      name: "of the embedding",
      note: `ρ ${embedding.correlations[leaf.leaf].toFixed(2)} with the released`,
      maps: embedding.maps,
    },
    { name: "SmoothGrad", note: `ρ ${agreement.smoothGrad.toFixed(2)} with the released`, maps: smoothGrad },
    {
      name: "integrated gradients",
      note: `ρ ${agreement.integrated.toFixed(2)} with the released`,
      maps: integrated,
    },
  ];
  await writeFigure(out, "methods", methodFigure(images, { leaf, methods }));
}

/**
 * Writes what the tests of the leaves are made of: `leaf_predictions.npy` [after or before, m, n], classes named on the test
 * images; `leaf_halves.npy` [n], 1 for the measurement half; `gain_covariance.npy` [half, m, classes, classes].
 */
export async function writeDecodings(
  out: string,
  decodings: readonly HalvedDecoding[],
  halves: Halves,
): Promise<void> {
  const names = ["selection", "measurement"] as const;
  const [m, n] = [decodings.length, halves.selection.length + halves.measurement.length];
  const predictions = new Uint8Array(2 * m * n);
  for (const [network, when] of (["after", "before"] as const).entries()) {
    decodings.forEach((decoding, leaf) => {
      for (const half of names) {
        halves[half].forEach((row, i) =>
          predictions[(network * m + leaf) * n + row] = decoding[half][when].predictions[i]
        );
      }
    });
  }
  const measured = new Uint8Array(n);
  for (const row of halves.measurement) measured[row] = 1;
  const classes = decodings[0].selection.gains.values.length;
  const covariances = names.flatMap((half) =>
    decodings.flatMap((decoding) => decoding[half].gains.covariance.flatMap((row) => [...row]))
  );
  await writeNpy(join(out, "leaf_predictions.npy"), { shape: [2, m, n], data: predictions });
  await writeNpy(join(out, "leaf_halves.npy"), { shape: [n], data: measured });
  await writeNpy(join(out, "gain_covariance.npy"), {
    shape: [2, m, classes, classes],
    data: Float64Array.from(covariances),
  });
}

/** Writes sanity.csv: a line for each step and leaf. */
export async function writeSanity(out: string, steps: readonly CascadeStep[]): Promise<void> {
  const rows = steps.flatMap(({ depth, layer, spearman, ssim }) =>
    spearman.map((value, leaf): Row => ({ depth, layer, leaf, spearman: value, ssim: ssim[leaf] }))
  );
  await writeCsv(join(out, "sanity.csv"), { columns: ["depth", "layer", "leaf", "spearman", "ssim"], rows });
}

async function writeFigure(out: string, name: string, { svg, rows }: Figure): Promise<void> {
  await Deno.writeTextFile(join(out, `${name}.svg`), svg);
  await Deno.writeFile(join(out, `${name}.png`), await svgToPng(svg));
  await writeCsv(join(out, `${name}.csv`), {
    columns: SHOWN_COLUMNS,
    rows: rows.map((row): Row => ({ ...row })),
  });
}
