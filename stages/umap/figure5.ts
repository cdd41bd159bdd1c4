/**
 * Figure 5 of the paper: the embeddings of all architectures in one figure, the trained teacher above its
 * random initialisation. All panels have the same images, colours, markers and size; each has its own scale,
 * with equal units on both axes. UMAP's axes have no meaning, so none are drawn.
 *
 * @module
 */
import type { Row as CsvRow } from "../../formats/csv.ts";
import { ink } from "../../treenet/figures/palette.ts";
import { classLegend, scatterPanel } from "../../treenet/figures/scatter.ts";
import { drawing, type Point, text } from "../../treenet/figures/svg.ts";

/** One model's pair of layouts, of the same n images. */
export interface Layouts {
  readonly model: string;
  readonly seed: number;
  /** Title above the pair. */
  readonly title: string;
  readonly teacher: Layout;
  readonly random: Layout;
  /** Classes, 0 to 9; [n]. */
  readonly labels: Uint8Array;
  /** Indices [n] into the 10,000 test images. */
  readonly index: Int32Array;
}

export interface Layout {
  /** UMAP coordinates [n, 2], row-major, in no unit. */
  readonly points: Float32Array;
  /** Quality in short lines, printed under the panel. */
  readonly notes: readonly string[];
}

const panel = 196;
const gap = 12;
const margin = 14;
const columns = 4;
/** Width on the left of the panels, for the names of the lines. */
const side = 18;
const legendHeight = 50;
const titleHeight = 24;
const noteHeight = 12;

export function figure5(layouts: readonly Layouts[]): string {
  const notes = layouts.flatMap(({ teacher, random }) => [teacher.notes.length, random.notes.length]);
  const panelHeight = panel + 20 + Math.max(0, ...notes) * noteHeight;
  const pairHeight = titleHeight + 2 * panelHeight + 6;
  const width = 2 * margin + side + columns * (panel + gap) - gap;
  // The legend needs the width of all columns; fewer models are centred.
  const start = margin + side + Math.max(0, columns - layouts.length) * (panel + gap) / 2;
  const pairs = layouts.map((pair, i) =>
    drawPair(pair, {
      x: start + (i % columns) * (panel + gap),
      y: margin + legendHeight + Math.floor(i / columns) * pairHeight,
      panelHeight,
      first: i % columns === 0,
    })
  );
  return drawing([classLegend({ x: margin, y: margin }, width - 2 * margin), ...pairs], {
    width,
    height: margin + legendHeight + Math.ceil(layouts.length / columns) * pairHeight,
    title: "UMAP layouts of test images by architecture, trained teacher above random initialisation",
  });
}

interface Place extends Point {
  readonly panelHeight: number;
  /** True for the leftmost pair of a line: the line's names are beside it. */
  readonly first: boolean;
}

function drawPair({ title, labels, teacher, random }: Layouts, { x, y, panelHeight, first }: Place): string {
  const above = y + titleHeight;
  const below = above + panelHeight;
  const name = (content: string, top: number) =>
    text(content, { x: x - 8, y: top + panel / 2 }, { size: 12, anchor: "middle", turn: -90 });
  const centre = { x: x + panel / 2, y: y + 15 };
  return [
    text(title, centre, { size: 14, anchor: "middle", bold: true, fill: ink.strong }),
    ...first ? [name("Trained teacher", above), name("Random initialisation", below)] : [],
    drawLayout(teacher, { labels, x, y: above }),
    drawLayout(random, { labels, x, y: below }),
  ].join("\n");
}

function drawLayout(
  { points, notes }: Layout,
  { labels, x, y }: Point & { readonly labels: Uint8Array },
): string {
  const lines = notes.map((line, i) => {
    const at = { x: x + panel / 2, y: y + panel + 14 + i * noteHeight };
    return text(line, at, { size: 9, anchor: "middle", fill: ink.faint });
  });
  return [scatterPanel({ points, labels }, { at: { x, y }, side: panel }), ...lines].join("\n");
}

/** Column order of `figure5.csv`. */
export const figure5Columns = [
  "model",
  "seed",
  "index",
  "label",
  "teacher_x",
  "teacher_y",
  "random_x",
  "random_y",
] as const;

/** Rows of the layouts, one an image and model. `index` is into the test images; coordinates have no unit. */
export function figure5Rows(layouts: readonly Layouts[]): CsvRow[] {
  return layouts.flatMap(({ model, seed, teacher, random, labels, index }) =>
    Array.from(labels, (label, i) => ({
      model,
      seed,
      index: index[i],
      label,
      teacher_x: teacher.points[2 * i].toFixed(3),
      teacher_y: teacher.points[2 * i + 1].toFixed(3),
      random_x: random.points[2 * i].toFixed(3),
      random_y: random.points[2 * i + 1].toFixed(3),
    }))
  );
}
