/**
 * Time of a step over leaves and over batch, on one core and on more, with the line through zero that linear cost is.
 *
 * @module
 */
import { type Axes, drawAxes, placed, rangeOf } from "../../../treenet/figures/axes.ts";
import { classColours, ink } from "../../../treenet/figures/palette.ts";
import { coordinate, drawing, element, text } from "../../../treenet/figures/svg.ts";
import { seriesOf } from "./suite_growth.ts";
import type { Point } from "./measurements.ts";

const PLOT = { width: 330, height: 220 };
const LEFT = 60;
const TOP = 66;
const COLOURS = [8, 1, 2, 6];

/** SVG. */
export function scalingFigure(points: readonly Point[]): string {
  const cores = [...new Set(points.map((point) => point.cores))].toSorted((a, b) => a - b);
  const colourOf = (point: Point) => classColours[COLOURS[cores.indexOf(point.cores) % COLOURS.length]];
  const panels = (["m", "batch"] as const).map((axis, i) =>
    panel(points, { axis, left: LEFT + i * (PLOT.width + 80), colourOf })
  );
  const legend = cores.map((count, i) => {
    const x = LEFT + 110 * i, fill = classColours[COLOURS[i % COLOURS.length]];
    return element("circle", { cx: x + 5, cy: 18, r: 4, fill }) +
      text(`${count} core${count === 1 ? "" : "s"}`, { x: x + 15, y: 22 }, { size: 12, fill: ink.strong });
  });
  const width = LEFT + 2 * PLOT.width + 80 + 20;
  const title = "Time of a training step over the number of leaves and over the batch, by cores";
  return drawing([...legend, ...panels], { width, height: TOP + PLOT.height + 44, title });
}

function panel(
  points: readonly Point[],
  { axis, left, colourOf }: {
    readonly axis: "m" | "batch";
    readonly left: number;
    readonly colourOf: (point: Point) => string;
  },
): string {
  const chosen = seriesOf(points, axis), [{ m, batch, backend }] = chosen;
  const shown = points.filter((point) =>
    point.backend === backend && (axis === "m" ? point.batch === batch : point.m === m)
  );
  const high = (values: readonly number[]) => rangeOf([0, ...values], { air: 0.04 }).high;
  const axes: Axes = {
    frame: { x: left, y: TOP, ...PLOT },
    x: { low: 0, high: high(shown.map((point) => point[axis])) },
    y: { low: 0, high: high(shown.map((point) => point.msPerStep / 1000)) },
  };
  const lines = [...Map.groupBy(shown, ({ cores }) => cores).values()].map((series) =>
    line(series, { axis, axes, colour: colourOf(series[0]) })
  );
  const title = `Seconds a step, ${backend}, ${axis === "m" ? `batch ${batch}` : `m = ${m}`}`;
  return [drawAxes(axes, { title, x: axis === "m" ? "leaves m" : "batch, images" }), ...lines].join("\n");
}

/** Measured points, and the straight line through zero and the largest of them. */
function line(
  series: readonly Point[],
  { axis, axes, colour }: { readonly axis: "m" | "batch"; readonly axes: Axes; readonly colour: string },
): string {
  const at = series.map((point) => placed({ x: point[axis], y: point.msPerStep / 1000 }, axes));
  const zero = placed({ x: 0, y: 0 }, axes), last = at.reduce((a, b) => b.x > a.x ? b : a);
  const d = `M${coordinate(zero.x)} ${coordinate(zero.y)}L${coordinate(last.x)} ${coordinate(last.y)}`;
  return [
    element("path", { d, fill: "none", stroke: colour, "stroke-width": 1, "stroke-dasharray": "5 3" }),
    ...at.map(({ x, y }) => element("circle", { cx: x, cy: y, r: 4, fill: colour })),
  ].join("\n");
}
