/**
 * Curves over the images seen, one line for each run and one panel for each quantity: the course of a
 * training, and of its accuracy.
 *
 * @module
 */
import type { Row as CsvRow } from "../../formats/csv.ts";
import { classColours, ink } from "./palette.ts";
import { type Axes, drawAxes, type Frame, placed, type Range, rangeOf } from "./axes.ts";
import { type Attributes, coordinate, drawing, element, type Point, text } from "./svg.ts";

/** A column of a log, drawn as one panel. */
export interface Quantity {
  readonly column: string;
  readonly title: string;
  /** True if every log has the column. */
  readonly required: boolean;
  /** Images that an accuracy is counted on; its interval is in `<column>_low` and `<column>_high`. */
  readonly images?: "tested" | "validated";
}

/** One run's log: `images` and what was measured, an entry a line; NaN where the log has none. */
export type Log = Readonly<Record<string, readonly number[]>>;

export interface Curve {
  readonly model: string;
  readonly seed: number;
  /** Title in the legend. */
  readonly title: string;
  readonly log: Log;
}

/** Largest number of points of a line; a longer log is averaged over stretches of equal length. */
export const mostPoints = 300;

/** Averages a log over consecutive stretches, so that no line of it is left out. */
export function thinned(log: Log, points = mostPoints): Log {
  const length = log.images.length;
  if (length <= points) return log;
  const average = (values: readonly number[]) =>
    Array.from({ length: points }, (_, i) => {
      const part = values.slice(Math.floor(i * length / points), Math.floor((i + 1) * length / points))
        .filter((value) => !Number.isNaN(value));
      return part.reduce((sum, value) => sum + value, 0) / part.length;
    });
  const entries = Object.entries(log).map(([column, values]) => [column, average(values)]);
  return Object.fromEntries(entries);
}

const colours = [5, 1, 8, 3, 6, 4, 7, 2, 9, 0].map((label) => classColours[label]);
/** Dashes of the lines: colour is not the only sign, and lines that cover each other stay visible. */
const dashes = [undefined, "7 3", "2 2.5", "9 3 2 3"];
const plot = { width: 330, height: 190 };
const left = 58;
const legendLine = { entries: 5, width: 150, height: 20 };
const step = { x: plot.width + 70, y: plot.height + 76 };

/** Quantities for which any of the curves has a number. */
export function measuredIn(curves: readonly Curve[], quantities: readonly Quantity[]): readonly Quantity[] {
  return quantities.filter(({ column }) => curves.some(({ log }) => log[column]?.some(Number.isFinite)));
}

export function curvesFigure(
  curves: readonly Curve[],
  { quantities, title }: { readonly quantities: readonly Quantity[]; readonly title: string },
): string {
  const models = [...new Set(curves.map((curve) => curve.title))];
  const top = 46 + Math.ceil(models.length / legendLine.entries) * legendLine.height;
  const styleOf = (curve: Curve) => lineStyle(models.indexOf(curve.title));
  const x: Range = { low: 0, high: Math.max(1, ...curves.map((curve) => curve.log.images.at(-1) ?? 0)) };
  const panels = quantities.map(({ column, title, images }, i) => {
    const columns = columnsOf({ column, images });
    const frame: Frame = { x: left + (i % 2) * step.x, y: top + Math.floor(i / 2) * step.y, ...plot };
    const drawn = curves.flatMap(({ log }) => columns.flatMap((name) => [...log[name] ?? []]));
    const y = rangeOf(drawn, { air: 0.06 });
    const axes: Axes = { frame, x, y };
    const lines = curves.flatMap((curve) => {
      const options = { column, axes, style: styleOf(curve) };
      const beside = BAR * (models.indexOf(curve.title) - (models.length - 1) / 2);
      return [drawBars(curve.log, { ...options, beside }), drawLine(curve.log, options)];
    });
    return [drawAxes(axes, { title, x: "source images seen" }), ...lines].join("\n");
  });
  const width = left + step.x + plot.width + 20;
  const below = Math.max(0, Math.ceil(quantities.length / 2) - 1);
  const height = top + below * step.y + plot.height + 44;
  return drawing([legend(models, { left, top: 22, entries: legendLine.entries }), ...panels], {
    width,
    height,
    title,
  });
}

interface LineOptions {
  readonly column: string;
  readonly axes: Axes;
  readonly style: Attributes;
}

/** A column with the ends of its intervals, if it has any. */
function columnsOf({ column, images }: Pick<Quantity, "column" | "images">): readonly string[] {
  return images === undefined ? [column] : [column, `${column}_low`, `${column}_high`];
}

/** Horizontal distance between the bars of two models, units: at one position they would hide each other. */
const BAR = 3;

/** Draws intervals as vertical lines, `beside` units from each point. */
function drawBars(
  log: Log,
  { column, axes, style, beside }: LineOptions & { readonly beside: number },
): string {
  const [lows, highs] = [log[`${column}_low`], log[`${column}_high`]];
  const d = (lows ?? []).flatMap((low, i) => {
    if (!Number.isFinite(low)) return [];
    const [from, to] = [low, highs[i]].map((y) => placed({ x: log.images[i], y }, axes));
    return [`M${coordinate(from.x + beside)} ${coordinate(from.y)}V${coordinate(to.y)}`];
  }).join("");
  return d === "" ? "" : element("path", { d, fill: "none", stroke: style.stroke, "stroke-opacity": 0.6 });
}

function drawLine(
  log: Log,
  options: LineOptions,
): string {
  const at = log.images.map((images, i) => ({ x: images, y: log[options.column]?.[i] ?? NaN }))
    .filter(({ y }) => Number.isFinite(y))
    .map((value) => placed(value, options.axes));
  const d = pathThrough(at);
  if (d === "") return "";
  return element("path", {
    d,
    fill: "none",
    ...options.style,
    "stroke-width": 1.6,
    "stroke-linejoin": "round",
  });
}

/** Path data of straight lines from point to point. */
export function pathThrough(points: readonly Point[]): string {
  return points.map(({ x, y }, i) => `${i === 0 ? "M" : "L"}${coordinate(x)} ${coordinate(y)}`).join("");
}

/** Colour and dashes of a model's lines. */
export function lineStyle(model: number): Attributes {
  return { stroke: colours[model % colours.length], "stroke-dasharray": dashes[model % dashes.length] };
}

/** A line and a title for each model, so many of them in a row. */
export function legend(
  models: readonly string[],
  { left, top, entries, width = legendLine.width }: {
    readonly left: number;
    readonly top: number;
    readonly entries: number;
    /** Units of an entry. */
    readonly width?: number;
  },
): string {
  return models.map((title, i) => {
    const at: Point = {
      x: left + (i % entries) * width,
      y: top + Math.floor(i / entries) * legendLine.height,
    };
    const swatch = element("line", {
      x1: at.x,
      y1: at.y - 4,
      x2: at.x + 30,
      y2: at.y - 4,
      ...lineStyle(i),
      "stroke-width": 2.5,
    });
    return swatch + text(title, { x: at.x + 37, y: at.y }, { size: 12, fill: ink.strong });
  }).join("\n");
}

/** Rows of the data drawn, a line for each point. */
export function curvesTable(
  curves: readonly Curve[],
  quantities: readonly Quantity[],
): { readonly columns: readonly string[]; readonly rows: readonly CsvRow[] } {
  const names = quantities.flatMap(columnsOf);
  const rows = curves.flatMap(({ model, seed, log }) =>
    log.images.map((images, i): CsvRow => ({
      model,
      seed,
      images: Math.round(images),
      ...Object.fromEntries(names.map((column) => [column, finite(log[column]?.[i] ?? NaN)])),
    }))
  );
  return { columns: ["model", "seed", "images", ...names], rows };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(7)) : null;
}
