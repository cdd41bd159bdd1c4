/**
 * A line plot's frame: scales, ticks and grid.
 *
 * @module
 */
import { ink } from "./palette.ts";
import { element, type Point, text } from "./svg.ts";

export interface Range {
  readonly low: number;
  readonly high: number;
}

/** Position and size of a plot, in units of the drawing. */
export interface Frame extends Point {
  readonly width: number;
  readonly height: number;
}

export interface Axes {
  readonly frame: Frame;
  /** Values at the edges of the frame. */
  readonly x: Range;
  readonly y: Range;
}

/** About `count` round values within a range: steps of 1, 2 or 5 times a power of ten. */
export function ticks({ low, high }: Range, count = 5): readonly number[] {
  const rough = (high - low) / count;
  if (!(rough > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999)!;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** The smallest range that holds all values, with a margin; its width is never zero. */
export function rangeOf(values: readonly number[], options: { readonly air?: number } = {}): Range {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return { low: 0, high: 1 };
  const low = finite.reduce((a, b) => Math.min(a, b));
  const high = finite.reduce((a, b) => Math.max(a, b));
  const air = (high - low) * (options.air ?? 0) || (high === low ? Math.abs(high) / 10 || 1 : 0);
  return { low: low - air, high: high + air };
}

/** Position of a value in the drawing. */
export function placed(value: Point, { frame, x, y }: Axes): Point {
  return {
    x: frame.x + frame.width * (value.x - x.low) / (x.high - x.low),
    y: frame.y + frame.height * (1 - (value.y - y.low) / (y.high - y.low)),
  };
}

/** Texts of a plot; with `names`, x counts those from 0. */
export interface AxisLabels {
  readonly title: string;
  readonly x: string;
  readonly names?: readonly string[];
}

/** Draws the grid, tick labels, a title above and the unit of x below. */
export function drawAxes(axes: Axes, labels: AxisLabels): string {
  const { frame } = axes;
  const bottom = frame.y + frame.height;
  const named = labels.names?.map((name, value) => ({ name, value })) ??
    ticks(axes.x, 4).map((value) => ({ name: shortNumber(value), value }));
  const vertical = named.map(({ name, value }) => {
    const { x } = placed({ x: value, y: axes.y.low }, axes);
    return line({ x, y: frame.y }, { x, y: bottom }) +
      text(name, { x, y: bottom + 15 }, { size: 10, anchor: "middle", fill: ink.faint });
  });
  const horizontal = ticks(axes.y).map((value) => {
    const { y } = placed({ x: axes.x.low, y: value }, axes);
    return line({ x: frame.x, y }, { x: frame.x + frame.width, y }) +
      text(shortNumber(value), { x: frame.x - 6, y: y + 3.5 }, { size: 10, anchor: "end", fill: ink.faint });
  });
  const middle = frame.x + frame.width / 2;
  return [
    ...vertical,
    ...horizontal,
    element("rect", { ...frame, fill: "none", stroke: ink.line }),
    text(labels.title, { x: frame.x, y: frame.y - 8 }, { size: 12, bold: true, fill: ink.strong }),
    text(labels.x, { x: middle, y: bottom + 30 }, { size: 10, anchor: "middle", fill: ink.faint }),
  ].join("\n");
}

function line(from: Point, to: Point): string {
  return element("line", {
    x1: from.x,
    y1: from.y,
    x2: to.x,
    y2: to.y,
    stroke: ink.line,
    "stroke-width": 0.5,
  });
}

/** 1200000 → "1.2M", 20000 → "20k", −0.5 → "−0.5". */
function shortNumber(value: number): string {
  const size = Math.abs(value);
  const [unit, suffix] = size >= 1e6 ? [1e6, "M"] : size >= 1e4 ? [1e3, "k"] : [1, ""];
  return String(Number((value / unit).toPrecision(6))).replace("-", "−") + suffix;
}
