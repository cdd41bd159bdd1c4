/**
 * Shares before and after, a point each, with the line of no change.
 *
 * @module
 */
import { type Axes, drawAxes, placed, rangeOf } from "./axes.ts";
import { legend, lineStyle } from "./curves.ts";
import { drawing, element } from "./svg.ts";

export interface Change {
  /** Title in the legend. */
  readonly title: string;
  /** Fractions. */
  readonly before: number;
  readonly after: number;
}

const FRAME = { x: 58, y: 70, width: 380, height: 380 };

/** Draws them in per cent. */
export function scatterOfChange(
  changes: readonly Change[],
  { title, unit }: { readonly title: string; readonly unit: string },
): string {
  const titles = [...new Set(changes.map((change) => change.title))];
  const percents = changes.map(({ before, after }) => ({ x: 100 * before, y: 100 * after }));
  const both = rangeOf(percents.flatMap(({ x, y }) => [x, y]), { air: 0.06 });
  const axes: Axes = { frame: FRAME, x: both, y: both };
  const [from, to] = [both.low, both.high].map((value) => placed({ x: value, y: value }, axes));
  const points = percents.map((value, i) => {
    const { x, y } = placed(value, axes), { stroke } = lineStyle(titles.indexOf(changes[i].title));
    return element("circle", { cx: x, cy: y, r: 3.2, fill: stroke, "fill-opacity": 0.7 });
  });
  return drawing([
    legend(titles, { left: 20, top: 22, entries: 2, width: 180 }),
    drawAxes(axes, { title: `After training, ${unit}`, x: `before training, ${unit}` }),
    element("line", {
      x1: from.x,
      y1: from.y,
      x2: to.x,
      y2: to.y,
      stroke: "#666666",
      "stroke-dasharray": "4 3",
    }),
    ...points,
  ], { width: FRAME.x + FRAME.width + 40, height: FRAME.y + FRAME.height + 44, title });
}
