/**
 * Panels of lines through few points, with intervals as bars.
 *
 * @module
 */
import { type Axes, drawAxes, type Frame, placed, type Range, rangeOf } from "./axes.ts";
import { legend, lineStyle, pathThrough } from "./curves.ts";
import { coordinate, drawing, element } from "./svg.ts";

/** A point with its interval, if it has one. */
export interface LinePoint {
  readonly x: number;
  readonly y: number;
  readonly interval?: readonly [number, number];
}

export interface Line {
  /** Title in the legend; lines of one title look alike in all panels. */
  readonly title: string;
  readonly points: readonly LinePoint[];
}

export interface LinePanel {
  readonly title: string;
  readonly lines: readonly Line[];
}

const PLOT = { width: 330, height: 210 };
const LEFT = 58;
const LEGEND = { entries: 4, width: 180 };
/** Distances between panels, and from one line of the legend to the next. */
const STEP = { x: PLOT.width + 70, y: PLOT.height + 76, legend: 20 };
/** Horizontal distance between the bars of two lines, units: at one position they would hide each other. */
const BAR = 3;

/** Draws the panels two by two; `x` is the unit of all of them. */
export function linePanels(
  panels: readonly LinePanel[],
  { title, x: unit }: { readonly title: string; readonly x: string },
): string {
  const titles = [...new Set(panels.flatMap(({ lines }) => lines.map((line) => line.title)))];
  const top = 46 + Math.ceil(titles.length / LEGEND.entries) * STEP.legend;
  const points = panels.flatMap(({ lines }) => lines.flatMap((line) => line.points));
  const x = rangeOf(points.map((point) => point.x), { air: 0.05 });
  const drawn = panels.map((panel, at) => {
    const frame: Frame = {
      x: LEFT + (at % 2) * STEP.x,
      y: top + Math.floor(at / 2) * STEP.y,
      ...PLOT,
    };
    return drawPanel(panel, { frame, x, unit, titles });
  });
  const rows = Math.ceil(panels.length / 2);
  return drawing([legend(titles, { left: LEFT, top: 22, ...LEGEND }), ...drawn], {
    width: LEFT + STEP.x + PLOT.width + 20,
    height: top + (rows - 1) * STEP.y + PLOT.height + 44,
    title,
  });
}

function drawPanel(
  { title, lines }: LinePanel,
  { frame, x, unit, titles }: {
    readonly frame: Frame;
    readonly x: Range;
    readonly unit: string;
    readonly titles: readonly string[];
  },
): string {
  const values = lines.flatMap(({ points }) =>
    points.flatMap(({ y, interval = [y, y] }) => [y, ...interval])
  );
  const axes: Axes = { frame, x, y: rangeOf(values, { air: 0.06 }) };
  return [
    drawAxes(axes, { title, x: unit }),
    ...lines.map((line) => drawLine(line, { axes, at: titles.indexOf(line.title), of: titles.length })),
  ].join("\n");
}

function drawLine(
  { points }: Line,
  { axes, at, of }: { readonly axes: Axes; readonly at: number; readonly of: number },
): string {
  const style = lineStyle(at), beside = BAR * (at - (of - 1) / 2);
  const bars = points.flatMap(({ x, interval }) => {
    if (interval === undefined) return [];
    const [from, to] = interval.map((y) => placed({ x, y }, axes));
    return [`M${coordinate(from.x + beside)} ${coordinate(from.y)}V${coordinate(to.y)}`];
  });
  const d = pathThrough(points.map((point) => placed(point, axes)));
  return [
    element("path", { d, fill: "none", ...style, "stroke-width": 1.6, "stroke-linejoin": "round" }),
    ...bars.length === 0 ? [] : [
      element("path", { d: bars.join(""), fill: "none", stroke: style.stroke, "stroke-opacity": 0.6 }),
    ],
  ].join("\n");
}
