/**
 * Figures 3 and 4 of the paper: overlaid saliency maps of three leaves, and maps of consistent specialists.
 *
 * @module
 */
import { classes, ink, overlayColours } from "../figures/palette.ts";
import { element, text } from "../figures/svg.ts";
import { drawTileGrid, type TileRow } from "../figures/tile_grid.ts";
import { blurred, hot, hotColour, type Hue, overlay, type ScaledMap, type Tile } from "../figures/tiles.ts";
import { quantile } from "./quantile.ts";
import { kindOf, KINDS, type ShownLeaf, type Triple } from "./shown.ts";

/** Test images and the maps of all leaves. */
export interface FigureImages {
  /** [n, side, side, 3], sRGB 0–255. */
  readonly images: Uint8Array;
  /** [n] */
  readonly labels: Uint8Array;
  /** Indices [n] into the 10,000 test images. */
  readonly index: Int32Array;
  /** [n, m, side, side] */
  readonly maps: Float32Array;
  readonly leaves: number;
  readonly side: number;
}

/** One map in a figure, as a row of the CSV beside it. */
export interface ShownMap {
  readonly panel: number;
  readonly image: number;
  readonly label: number;
  readonly class: string;
  readonly leaf: number;
  readonly category: string;
  readonly colour: string;
  /** Values drawn as nothing and at full strength, of the map as drawn; `largest` is of the map itself. */
  readonly bottom: number;
  readonly top: number;
  readonly largest: number;
}

export const SHOWN_COLUMNS = [
  "panel",
  "image",
  "label",
  "class",
  "leaf",
  "category",
  "colour",
  "bottom",
  "top",
  "largest",
] as const;

export interface Figure {
  readonly svg: string;
  readonly rows: readonly ShownMap[];
}

/** Share of a map's pixels below its full strength, so that one hot pixel does not darken the rest. */
const FULL_STRENGTH = 0.99;

/**
 * Figure 3: images, and below them a row for each triple of leaves, with their maps as three lights over the
 * dimmed image. Raw maps would add up to noise: each is blurred by a pixel and drawn above its median.
 */
export function overlayFigure(
  of: FigureImages,
  triples: readonly Triple[],
): Figure {
  const rows = triples.map((triple, panel): TileRow => ({
    gap: panel === 0 ? 6 : 2,
    lines: triple.map((leaf, i) =>
      leaf === undefined
        ? { text: `no ${panel === 0 ? "" : "further "}${KINDS[i]}` }
        : { text: nameOf(leaf), key: overlayColours[i] }
    ),
    tiles: eachImage(of, (image) =>
      overlay(
        tileOf(of, image),
        coloured(triple).map(({ leaf, colour }) => ({
          map: lightOf(of, image, leaf.leaf),
          hue: hueOf(colour),
        })),
      )),
  }));
  const svg = drawTileGrid({
    title: "Saliency maps of several leaves laid over test images",
    headings: headingsOf(of),
    rows: [imageRow(of), ...rows],
    footer: {
      svg: text(
        "maps blurred by one pixel, each from its own median to its 99th percentile",
        { x: 0, y: 12 },
        {
          size: 10.5,
          fill: ink.faint,
        },
      ),
      height: 22,
    },
  });
  return {
    svg,
    rows: triples.flatMap((triple, panel) =>
      coloured(triple).flatMap(({ leaf, colour }) => shownMaps(of, { panel, leaf, colour }))
    ),
  };
}

function coloured(triple: Triple): readonly { readonly leaf: ShownLeaf; readonly colour: string }[] {
  return triple.flatMap((leaf, i) => leaf === undefined ? [] : [{ leaf, colour: overlayColours[i] }]);
}

/** A leaf's row, with notes that follow the leaf's name in the label. */
export interface MapRow {
  readonly leaf: ShownLeaf;
  readonly notes: readonly string[];
}

/** Figure 4: images, and below them a row a leaf with its maps in hot colours; `remark` is at the bottom. */
export function mapFigure(
  of: FigureImages,
  { shown, remark }: { readonly shown: readonly MapRow[]; readonly remark?: string },
): Figure {
  const rows = shown.map(({ leaf, notes }) => ({ of, leaf, lines: [nameOf(leaf), ...notes] }));
  return hotFigure(rows, { title: "Saliency maps of single leaves, beside the test images", remark });
}

/** Maps of one leaf by several methods, a row for each, in hot colours. */
export function methodFigure(
  of: FigureImages,
  { leaf, methods }: {
    readonly leaf: ShownLeaf;
    readonly methods: readonly {
      readonly name: string;
      readonly note?: string;
      readonly maps: Float32Array;
    }[];
  },
): Figure {
  const rows = methods.map(({ name, note, maps }) => {
    return { of: { ...of, maps }, leaf, lines: note === undefined ? [name] : [name, note] };
  });
  const title = "Saliency maps by four methods, beside the test images";
  return hotFigure(rows, { title, remark: nameOf(leaf) });
}

function hotFigure(
  shown: readonly {
    readonly of: FigureImages;
    readonly leaf: ShownLeaf;
    readonly lines: readonly string[];
  }[],
  { title, remark }: { readonly title: string; readonly remark?: string },
): Figure {
  const rows = shown.map(({ of, leaf, lines }, panel): TileRow => ({
    gap: panel === 0 ? 6 : 0,
    lines: lines.map((text, line) => ({ text, bold: line === 0 })),
    tiles: eachImage(of, (image) => hot(mapOf(of, image, leaf.leaf))),
  }));
  const [{ of }] = shown;
  const svg = drawTileGrid({
    title,
    headings: headingsOf(of),
    rows: [imageRow(of), ...rows],
    footer: { svg: colourBar() + remarkLine(remark), height: remark === undefined ? 30 : 48 },
  });
  return { svg, rows: shown.flatMap(({ of, leaf }, panel) => shownMaps(of, { panel, leaf, colour: "hot" })) };
}

function remarkLine(remark?: string): string {
  return remark === undefined ? "" : text(remark, { x: 0, y: 34 }, { size: 10.5, fill: ink.normal });
}

function nameOf({ leaf, category }: ShownLeaf): string {
  return category === undefined ? "whole network" : `leaf ${leaf}, ${kindOf(category)}`;
}

function headingsOf({ labels }: FigureImages): readonly string[] {
  return Array.from(labels, (label) => classes[label].name);
}

function imageRow(of: FigureImages): TileRow {
  return {
    lines: [{ text: "test image", bold: true }],
    tiles: eachImage(of, (image) => tileOf(of, image)),
  };
}

function eachImage(of: FigureImages, draw: (image: number) => Tile): readonly Tile[] {
  return Array.from(of.labels, (_, image) => draw(image));
}

function tileOf({ images, side }: FigureImages, image: number): Tile {
  const size = 3 * side * side;
  return { side, rgb: images.subarray(image * size, (image + 1) * size) };
}

/** Map with the range of Figure 4. */
function mapOf(of: FigureImages, image: number, leaf: number): ScaledMap {
  const values = valuesOf(of, image, leaf);
  return { values, bottom: 0, top: quantile(values, FULL_STRENGTH) };
}

/** Map with the range of Figure 3. */
function lightOf(of: FigureImages, image: number, leaf: number): ScaledMap {
  const values = blurred(valuesOf(of, image, leaf));
  return { values, bottom: quantile(values, 0.5), top: quantile(values, FULL_STRENGTH) };
}

function valuesOf({ maps, leaves, side }: FigureImages, image: number, leaf: number): Float32Array {
  const size = side * side;
  return maps.subarray((image * leaves + leaf) * size, (image * leaves + leaf + 1) * size);
}

function hueOf(colour: string): Hue {
  const byte = (at: number) => Number.parseInt(colour.slice(at, at + 2), 16);
  return [byte(1), byte(3), byte(5)];
}

function shownMaps(
  of: FigureImages,
  o: { readonly panel: number; readonly leaf: ShownLeaf; readonly colour: string },
): readonly ShownMap[] {
  const { leaf, category } = o.leaf;
  return Array.from(of.labels, (label, image): ShownMap => {
    const { bottom, top } = (o.colour === "hot" ? mapOf : lightOf)(of, image, leaf);
    return {
      panel: o.panel,
      image: of.index[image],
      label,
      class: classes[label].name,
      leaf,
      category: category ?? "",
      colour: o.colour,
      bottom,
      top,
      largest: valuesOf(of, image, leaf).reduce((largest, value) => Math.max(largest, value), 0),
    };
  });
}

/** Colour bar from no influence to full strength. */
function colourBar(): string {
  const [width, steps] = [160, 40];
  const bar = Array.from({ length: steps }, (_, step) => {
    const [r, g, b] = hotColour(step / (steps - 1)).map((value) => Math.round(255 * value));
    return element("rect", {
      x: 16 + step * width / steps,
      y: 2,
      width: width / steps + 0.3,
      height: 11,
      fill: `rgb(${r},${g},${b})`,
    });
  });
  return [
    text("0", { x: 0, y: 12 }, { size: 10.5, fill: ink.faint }),
    ...bar,
    text("its 99th percentile, each map to its own scale", {
      x: 16 + width + 10,
      y: 12,
    }, { size: 10.5, fill: ink.faint }),
  ].join("\n");
}
