/**
 * Accuracy by layer: one panel a network, its layers from left to right in the order of a pass, a mark for each kind of
 * weights with its interval.
 *
 * @module
 */
import { type Axes, placed, type Range, rangeOf, ticks } from "./axes.ts";
import { classColours, ink } from "./palette.ts";
import { coordinate, drawing, element, type Point, text } from "./svg.ts";

/** Accuracy of a layer, in per cent. */
export interface LayerPoint {
  readonly mean: number;
  readonly interval: readonly [number, number];
}

/** A panel. */
export interface LayerPanel {
  readonly title: string;
  readonly layers: readonly string[];
  /** Name in the legend → a point a layer; undefined where it was not measured. */
  readonly series: Readonly<Record<string, readonly (LayerPoint | undefined)[]>>;
}

const STEP = 27, TALL = 170, LEFT = 44, TURNED = 96, GAP = 34; // units
const COLUMNS = 2;
const COLOURS = [classColours[8], classColours[3], classColours[1]];

/** Draws the panels, two in a row, on one scale. */
export function layersFigure(panels: readonly LayerPanel[], title: string): string {
  const names = [...new Set(panels.flatMap(({ series }) => Object.keys(series)))];
  const points = panels.flatMap(({ series }) => Object.values(series).flat()).filter((each) =>
    each !== undefined
  );
  const y = rangeOf(points.flatMap(({ interval }) => [...interval]), { air: 0.05 });
  const wide = STEP * Math.max(...panels.map(({ layers }) => layers.length));
  const [column, row] = [wide + LEFT + 24, TALL + TURNED + GAP];
  const drawn = panels.map((panel, i) => {
    const at = { x: LEFT + (i % COLUMNS) * column, y: 62 + Math.floor(i / COLUMNS) * row };
    return drawPanel(panel, { at, y, names });
  });
  const columns = Math.min(COLUMNS, panels.length);
  return drawing([key(names), ...drawn], {
    width: LEFT + columns * column - 20,
    height: 62 + Math.ceil(panels.length / COLUMNS) * row - GAP + 10,
    title,
  });
}

function drawPanel(
  { title, layers, series }: LayerPanel,
  { at, y, names }: { readonly at: Point; readonly y: Range; readonly names: readonly string[] },
): string {
  const width = STEP * layers.length;
  const axes: Axes = { frame: { ...at, width, height: TALL }, x: { low: 0, high: layers.length }, y };
  const grid = ticks(y).map((value) => {
    const { y: height } = placed({ x: 0, y: value }, axes);
    return element("line", {
      x1: at.x,
      y1: height,
      x2: at.x + width,
      y2: height,
      stroke: ink.line,
      "stroke-width": 0.5,
    }) +
      text(String(value), { x: at.x - 6, y: height + 3.5 }, { size: 10, anchor: "end", fill: ink.faint });
  });
  const labels = layers.map((layer, i) => {
    const below = { x: at.x + STEP * (i + 0.5) + 3, y: at.y + TALL + 8 };
    return text(layer, below, { size: 10, anchor: "end", turn: -60, fill: ink.normal });
  });
  const marks = names.flatMap((name, i) =>
    (series[name] ?? []).map((point, layer) =>
      point === undefined
        ? ""
        : mark(point, { axes, x: layer + 0.5 + 0.22 * (i - (names.length - 1) / 2), series: i })
    )
  );
  return [
    ...grid,
    element("rect", { ...axes.frame, fill: "none", stroke: ink.line }),
    text(`${title}, per cent`, { x: at.x, y: at.y - 8 }, { size: 12, bold: true, fill: ink.strong }),
    ...labels,
    ...marks,
  ].join("\n");
}

/** A mark with its interval; the first series is filled, as colour is not the only sign. */
function mark(
  { mean, interval: [low, high] }: LayerPoint,
  { axes, x, series }: { readonly axes: Axes; readonly x: number; readonly series: number },
): string {
  const [from, to, middle] = [low, high, mean].map((y) => placed({ x, y }, axes));
  const d = `M${coordinate(from.x)} ${coordinate(from.y)}V${coordinate(to.y)}`;
  return element("path", { d, fill: "none", stroke: COLOURS[series], "stroke-width": 1.2 }) +
    shape(middle, series);
}

function shape({ x, y }: Point, series: number): string {
  const stroke = COLOURS[series];
  if (series === 2) {
    return element("rect", { x: x - 2.8, y: y - 2.8, width: 5.6, height: 5.6, fill: stroke, stroke });
  }
  return element("circle", { cx: x, cy: y, r: 3.2, fill: series === 0 ? stroke : "#ffffff", stroke });
}

function key(names: readonly string[]): string {
  return names.map((name, i) => {
    const at = { x: LEFT + 170 * i, y: 20 };
    return shape({ x: at.x + 4, y: at.y - 4 }, i) +
      text(name, { x: at.x + 14, y: at.y }, { size: 12, fill: ink.strong });
  }).join("\n");
}
