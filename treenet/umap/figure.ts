/**
 * One architecture's part of Figure 5: the trained teacher's layout beside that of its initial weights.
 *
 * @module
 */
import { classes, ink } from "../figures/palette.ts";
import { classLegend, scatterPanel } from "../figures/scatter.ts";
import { drawing, text } from "../figures/svg.ts";
import type { Quality } from "./quality.ts";

export interface UmapPanel {
  readonly title: string;
  /** [n, 2] */
  readonly points: Float32Array;
  /** Means over the layouts of several seeds; `points` is the first of them. */
  readonly quality: Quality;
}

const SIDE = 410;
const GAP = 16;
const MARGIN = 14;
const HEAD = 24;
const LEGEND = 50;

/** Draws the panels side by side; `labels` [n] hold for all of them. */
export function umapFigure(panels: readonly UmapPanel[], labels: Uint8Array): string {
  const width = 2 * MARGIN + panels.length * (SIDE + GAP) - GAP;
  const top = MARGIN + LEGEND + HEAD;
  const content = panels.flatMap(({ title, points, quality }, i) => {
    const x = MARGIN + i * (SIDE + GAP);
    return [
      text(title, { x: x + SIDE / 2, y: top - 8 }, {
        size: 13,
        anchor: "middle",
        bold: true,
        fill: ink.strong,
      }),
      scatterPanel({ points, labels }, { at: { x, y: top }, side: SIDE }),
      ...notesOf(quality).map((note, line) =>
        text(note, { x: x + SIDE / 2, y: top + SIDE + 16 + 14 * line }, { anchor: "middle", fill: ink.faint })
      ),
    ];
  });
  return drawing([classLegend({ x: MARGIN, y: MARGIN }, width - 2 * MARGIN), ...content], {
    width,
    height: top + SIDE + 44,
    title: "UMAP layouts of test images, trained teacher beside random initialisation",
  });
}

function notesOf({ trustworthiness, continuity, knnOverlap, silhouette }: Quality): readonly string[] {
  const short = (value: number) => value.toFixed(2).replace("-", "−");
  return [
    `trustworthiness ${short(trustworthiness)}, continuity ${short(continuity)}, k-NN overlap ${
      short(knnOverlap)
    }`,
    `silhouette ${short(silhouette.native)} in the native space, ${short(silhouette.layout)} in the layout`,
  ];
}

/** Column order of the CSV beside the figure. */
export const umapColumns = [
  "image",
  "label",
  "class",
  "teacher_x",
  "teacher_y",
  "random_x",
  "random_y",
] as const;

/** Rows of the CSV, one for each image; coordinates have no unit. */
export function umapRows(
  [teacher, random]: readonly UmapPanel[],
  { labels, index }: { readonly labels: Uint8Array; readonly index: Int32Array },
): readonly Readonly<Record<typeof umapColumns[number], number | string>>[] {
  return Array.from(labels, (label, i) => ({
    image: index[i],
    label,
    class: classes[label].name,
    teacher_x: teacher.points[2 * i],
    teacher_y: teacher.points[2 * i + 1],
    random_x: random.points[2 * i],
    random_y: random.points[2 * i + 1],
  }));
}
