/**
 * Training curves: loss and the three measures of a run's health over the images it has seen, one line a run.
 *
 * @module
 */
import type { Row as CsvRow } from "../formats/csv.ts";
import { classColours, ink } from "../treenet/figures/palette.ts";
import { type Axes, drawAxes, type Frame, placed, type Range, rangeOf } from "./axes.ts";
import { type Attributes, coordinate, drawing, element, type Point, text } from "../treenet/figures/svg.ts";

/** The columns of `log.csv` that are drawn, besides `images`. */
export const quantities = [
  { column: "loss", title: "Loss (nats)" },
  { column: "teacher_entropy", title: "Teacher entropy (nats)" },
  { column: "kl", title: "KL(teacher ‖ student) (nats)" },
  { column: "feature_sd", title: "Spread of the embeddings (SD × √D; 1 at most)" },
] as const;

type Column = typeof quantities[number]["column"];

/** One run's log: every column has an entry a line; NaN where the log has none. */
export type Log = Readonly<Record<"images" | Column, readonly number[]>>;

export interface Curve {
  readonly model: string;
  readonly seed: number;
  /** In the legend. */
  readonly title: string;
  readonly log: Log;
}

/** Points a drawn line has at most; a longer log is averaged over stretches of equal length. */
export const mostPoints = 300;

/** Averages of what was measured in consecutive stretches, so that no line of the log is left out. */
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
  return Object.fromEntries(entries) as unknown as Log;
}

const colours = [5, 1, 8, 3, 6, 4, 7, 2, 9, 0].map((label) => classColours[label]);
/** Colour is not the only sign, and lines that lie on one another stay visible. */
const dashes = [undefined, "7 3", "2 2.5", "9 3 2 3"];
const plot = { width: 330, height: 190 };
const left = 58;
const legendLine = { entries: 5, width: 150, height: 20 };
const step = { x: plot.width + 70, y: plot.height + 76 };

export function curvesFigure(curves: readonly Curve[]): string {
  const models = [...new Set(curves.map((curve) => curve.title))];
  const top = 46 + Math.ceil(models.length / legendLine.entries) * legendLine.height;
  const styleOf = (curve: Curve) => lineStyle(models.indexOf(curve.title));
  const x: Range = { low: 0, high: Math.max(1, ...curves.map((curve) => curve.log.images.at(-1) ?? 0)) };
  const panels = quantities.map(({ column, title }, i) => {
    const frame: Frame = { x: left + (i % 2) * step.x, y: top + Math.floor(i / 2) * step.y, ...plot };
    const axes: Axes = { frame, x, y: rangeOf(curves.flatMap(({ log }) => [...log[column]]), { air: 0.06 }) };
    const lines = curves.map((curve) => drawLine(curve.log, { column, axes, style: styleOf(curve) }));
    return [drawAxes(axes, { title, x: "source images seen" }), ...lines].join("\n");
  });
  const width = left + step.x + plot.width + 20;
  const height = top + step.y + plot.height + 44;
  return drawing([legend(models), ...panels], { width, height, title: "Training curves by images seen" });
}

function drawLine(
  log: Log,
  options: { readonly column: Column; readonly axes: Axes; readonly style: Attributes },
): string {
  const at = log.images.map((images, i) => ({ x: images, y: log[options.column][i] }))
    .filter(({ y }) => Number.isFinite(y))
    .map((value) => placed(value, options.axes));
  const d = at.map(({ x, y }, i) => `${i === 0 ? "M" : "L"}${coordinate(x)} ${coordinate(y)}`).join("");
  if (d === "") return "";
  return element("path", {
    d,
    fill: "none",
    ...options.style,
    "stroke-width": 1.6,
    "stroke-linejoin": "round",
  });
}

function lineStyle(model: number): Attributes {
  return { stroke: colours[model % colours.length], "stroke-dasharray": dashes[model % dashes.length] };
}

function legend(models: readonly string[]): string {
  return models.map((title, i) => {
    const at: Point = {
      x: left + (i % legendLine.entries) * legendLine.width,
      y: 22 + Math.floor(i / legendLine.entries) * legendLine.height,
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

/** Column order of `curves.csv`. */
export const curvesColumns = ["model", "seed", "images", ...quantities.map(({ column }) => column)] as const;

/** What is drawn, a line a point. */
export function curvesRows(curves: readonly Curve[]): CsvRow[] {
  return curves.flatMap(({ model, seed, log }) =>
    log.images.map((images, i) => ({
      model,
      seed,
      images: Math.round(images),
      ...Object.fromEntries(quantities.map(({ column }) => [column, finite(log[column][i])])),
    }))
  );
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(7)) : null;
}
