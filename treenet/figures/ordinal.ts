/**
 * Measures of a system over the values of a setting, whatever these are: values at equal distances, a line for each
 * series, a panel for each measure.
 *
 * @module
 */
import { type Axes, drawAxes, placed, rangeOf } from "./axes.ts";
import { legend, lineStyle, pathThrough } from "./curves.ts";
import { coordinate, drawing, element } from "./svg.ts";

/** A measured value; the interval is drawn as a bar. */
export interface Measured {
  readonly value: number;
  readonly interval?: readonly [number, number];
}

/** One line of each panel. */
export interface Series {
  readonly title: string;
  /** Index of a setting's value, ascending → measure → what was measured. */
  readonly points: readonly { readonly at: number; readonly measured: Readonly<Record<string, Measured>> }[];
}

/** Texts of a figure. */
export interface OrdinalLabels {
  readonly title: string;
  /** Name of the setting. */
  readonly x: string;
  /** Its values, in order. */
  readonly values: readonly string[];
  /** Measure → title of its panel. */
  readonly panels: Readonly<Record<string, string>>;
}

const plot = { width: 330, height: 190 };
const left = 58;
const step = { x: plot.width + 70, y: plot.height + 76 };
const legendLine = { entries: 2, height: 20 };
/** Horizontal distance between the bars of two series, units: at one position they would hide each other. */
const BAR = 4;

export function ordinalFigure(
  series: readonly Series[],
  { title, x, values, panels }: OrdinalLabels,
): string {
  const titles = series.map((each) => each.title);
  const top = 46 + Math.ceil(titles.length / legendLine.entries) * legendLine.height;
  const drawn = Object.entries(panels).map(([measure, panel], i) => {
    const frame = { x: left + (i % 2) * step.x, y: top + Math.floor(i / 2) * step.y, ...plot };
    const lines = series.map(({ points }) =>
      points.flatMap(({ at, measured }) => measured[measure] ? [{ at, ...measured[measure] }] : [])
    );
    const all = lines.flat().flatMap(({ value, interval = [] }) => [value, ...interval]);
    const axes: Axes = { frame, x: { low: -0.5, high: values.length - 0.5 }, y: rangeOf(all, { air: 0.06 }) };
    return [
      drawAxes(axes, { title: panel, x, names: values }),
      ...lines.map((line, i) => drawSeries(line, { axes, i, of: lines.length })),
    ].join("\n");
  });
  const rows = Math.ceil(drawn.length / 2);
  return drawing([legend(titles, { left, top: 22, entries: legendLine.entries, width: step.x }), ...drawn], {
    width: left + step.x + plot.width + 20,
    height: top + (rows - 1) * step.y + plot.height + 44,
    title,
  });
}

function drawSeries(
  line: readonly ({ readonly at: number } & Measured)[],
  { axes, i, of }: { readonly axes: Axes; readonly i: number; readonly of: number },
): string {
  const style = lineStyle(i), beside = BAR * (i - (of - 1) / 2);
  const spots = line.map(({ at, value, interval }) => {
    const [spot, from, to] = [value, ...interval ?? []].map((y) => placed({ x: at, y }, axes));
    return { x: spot.x + beside, y: spot.y, bar: from && to && `V${coordinate(to.y)}`, from };
  });
  const bars = spots.flatMap(({ x, bar, from }) =>
    bar ? [`M${coordinate(x)} ${coordinate(from.y)}${bar}`] : []
  );
  return [
    element("path", { d: pathThrough(spots), fill: "none", ...style, "stroke-width": 1.6 }),
    ...bars.length === 0
      ? []
      : [element("path", { d: bars.join(""), fill: "none", stroke: style.stroke, "stroke-opacity": 0.6 })],
    ...spots.map(({ x, y }) => element("circle", { cx: x, cy: y, r: 3, fill: style.stroke })),
  ].join("\n");
}
