/**
 * A figure made of rows of square pictures, with a heading above each column and, beside each row, lines of
 * text with colour keys.
 *
 * @module
 */
import { encodePng } from "../../formats/png.ts";
import { ink, paper } from "./palette.ts";
import { drawing, element, text } from "./svg.ts";
import { enlarged, type Tile } from "./tiles.ts";

export interface TileGrid {
  /** Title for screen readers. */
  readonly title: string;
  /** Headings above the columns. */
  readonly headings: readonly string[];
  readonly rows: readonly TileRow[];
  /** Content below the rows, drawn from its own origin; `height` is reserved for it. */
  readonly footer?: { readonly svg: string; readonly height: number };
}

export interface TileRow {
  readonly lines: readonly LabelLine[];
  /** One tile for each column. */
  readonly tiles: readonly Tile[];
  /** Extra space above, units. */
  readonly gap?: number;
}

/** A line of a row's label. */
export interface LabelLine {
  readonly text: string;
  readonly bold?: boolean;
  /** Colour of a square before the text. */
  readonly key?: string;
}

const MARGIN = 14;
const LABEL = 178;
const SPACING = 5;
const HEADING = 22;
const LINE = 15;
/** Width of the drawing without its margins: the width that a README shows at full size. */
const WIDTH = 860;
const MAX_TILE = 84;
/** Pixels drawn for each pixel of a tile, so that squares stay crisp at twice the size. */
const ENLARGED = 4;

/** Draws the figure, with embedded pictures. */
export function drawTileGrid(grid: TileGrid): string {
  const columns = grid.headings.length;
  const side = Math.min(MAX_TILE, Math.floor((WIDTH - LABEL - (columns - 1) * SPACING) / columns));
  const width = 2 * MARGIN + LABEL + columns * (side + SPACING) - SPACING;
  const content: string[] = grid.headings.map((heading, column) =>
    text(heading, { x: tileX(column, side) + side / 2, y: MARGIN + 13 }, {
      size: 11.5,
      anchor: "middle",
      bold: true,
      fill: ink.strong,
    })
  );
  let y = MARGIN + HEADING;
  for (const row of grid.rows) {
    y += row.gap ?? 0;
    content.push(drawRow(row, { y, side }));
    y += side + SPACING;
  }
  if (grid.footer !== undefined) {
    content.push(element("g", { transform: `translate(${MARGIN + LABEL} ${y + 6})` }, grid.footer.svg));
    y += 6 + grid.footer.height;
  }
  return drawing(content, { width, height: y + MARGIN - SPACING, title: grid.title });
}

function drawRow(
  { lines, tiles }: TileRow,
  { y, side }: { readonly y: number; readonly side: number },
): string {
  const top = y + side / 2 - (lines.length - 1) * LINE / 2 + 4;
  const label = lines.map((line, i) => drawLine(line, top + i * LINE));
  const pictures = tiles.map((tile, column) => {
    const { side: pixels, rgb } = enlarged(tile, ENLARGED);
    const png = encodePng({ width: pixels, height: pixels, channels: 3, data: rgb });
    return element("image", {
      x: tileX(column, side),
      y,
      width: side,
      height: side,
      "image-rendering": "optimizeSpeed",
      href: `data:image/png;base64,${png.toBase64()}`,
    });
  });
  return [...label, ...pictures].join("\n");
}

function drawLine(line: LabelLine, y: number): string {
  const words = text(line.text, { x: MARGIN + (line.key === undefined ? 0 : 17), y }, {
    size: 11.5,
    bold: line.bold,
    fill: line.bold ? ink.strong : ink.normal,
  });
  if (line.key === undefined) return words;
  const key = element("rect", {
    x: MARGIN,
    y: y - 10,
    width: 11,
    height: 11,
    rx: 2,
    fill: line.key,
    stroke: paper,
  });
  return key + words;
}

function tileX(column: number, side: number): number {
  return MARGIN + LABEL + column * (side + SPACING);
}
