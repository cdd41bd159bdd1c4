/**
 * Tables of numbers as coloured cells, side by side with the same rows and columns: one of levels, one of changes, in which a
 * change that noise can make is grey.
 *
 * @module
 */
import { ink, paper } from "./palette.ts";
import { drawing, element, text } from "./svg.ts";

/** A cell; `known` is false where its value may be noise. */
export interface Cell {
  readonly value: number;
  readonly known?: boolean;
}

export interface HeatMap {
  readonly title: string;
  /** [rows][columns] */
  readonly cells: readonly (readonly Cell[])[];
  /** Value of the palest colour and of the strongest; values beyond have that. Below `from`, colours are of losses. */
  readonly from: number;
  readonly to: number;
}

/** Maps in one row of the figure, with the names of their rows. */
export interface HeatRow {
  readonly title: string;
  readonly names: readonly string[];
  readonly maps: readonly HeatMap[];
}

const CELL = { width: 34, height: 18 };
const LEFT = 70;
const GAP = 40;
const HEAD = 92;
/** Strongest colours of gains and of losses, apart for every kind of colour vision, and the grey of noise. */
const COLOURS = { gain: [0, 89, 157], loss: [190, 103, 0], noise: "#dddddd" } as const;

/** Draws the rows below each other; `columns` are the names of all maps' columns. */
export function heatMaps(
  rows: readonly HeatRow[],
  { columns, title }: { readonly columns: readonly string[]; readonly title: string },
): string {
  const across = columns.length * CELL.width + GAP, most = Math.max(...rows.map(({ maps }) => maps.length));
  let y = 14;
  const content = rows.flatMap((row) => {
    const drawn = drawRow(row, { y, columns, across });
    y += HEAD + row.names.length * CELL.height + 18;
    return drawn;
  });
  return drawing(content, { width: LEFT + most * across, height: y, title });
}

function drawRow(
  { title, names, maps }: HeatRow,
  { y, columns, across }: {
    readonly y: number;
    readonly columns: readonly string[];
    readonly across: number;
  },
): readonly string[] {
  const top = y + HEAD;
  const labels = names.map((name, i) =>
    text(name, { x: LEFT - 6, y: top + i * CELL.height + 13 }, { size: 10, anchor: "end", fill: ink.faint })
  );
  const heading = text(title, { x: 14, y: y + 12 }, { size: 13, bold: true, fill: ink.strong });
  return [
    heading,
    ...labels,
    ...maps.flatMap((map, at) => drawMap(map, { x: LEFT + at * across, top, columns })),
  ];
}

function drawMap(
  map: HeatMap,
  { x, top, columns }: { readonly x: number; readonly top: number; readonly columns: readonly string[] },
): readonly string[] {
  const heading = text(map.title, { x, y: top - 66 }, { size: 11, fill: ink.strong });
  const names = columns.map((name, i) => {
    const at = { x: x + (i + 0.6) * CELL.width, y: top - 5 };
    return text(name, at, { size: 10, fill: ink.faint, turn: -45 });
  });
  const cells = map.cells.flatMap((row, i) =>
    row.map(({ value, known = true }, j) =>
      element("rect", {
        x: x + j * CELL.width,
        y: top + i * CELL.height,
        width: CELL.width,
        height: CELL.height,
        fill: known ? colourOf(value, map) : COLOURS.noise,
        stroke: paper,
      })
    )
  );
  return [heading, ...names, ...cells];
}

/** From white to the strongest colour. */
export function colourOf(value: number, { from, to }: Pick<HeatMap, "from" | "to">): string {
  const strength = Math.min(1, Math.abs(value - from) / (to - from));
  const strongest = value < from ? COLOURS.loss : COLOURS.gain;
  const channels = strongest.map((channel) => Math.round(255 + strength * (channel - 255)));
  return `#${channels.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}
