/**
 * Bars of our speed over each peer's: to the right of the line at 1 we are faster. The axis is logarithmic,
 * so that twice and half as fast are equally far from the line.
 *
 * @module
 */
import { classColours, ink } from "../../../treenet/figures/palette.ts";
import { drawing, element, text } from "../../../treenet/figures/svg.ts";
import type { Peers } from "./measurements.ts";
import { ratioRange, timesOf, titleOf } from "./performance_words.ts";

type Entry = Peers["entries"][number];

const ROW = 22;
const LEFT = 330;
const WIDTH = 420;
const TOP = 54;
const TICKS = [1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16, 32, 64, 128];

/** SVG. */
export function ratioFigure(entries: readonly Entry[]): string {
  const backends = [...new Set(entries.map(({ backend }) => backend))];
  const scale = scaleOf(entries.flatMap((entry) => [...ratioRange(entry), 1]));
  const bottom = TOP + ROW * entries.length;
  const rows = entries.map((entry, i) => {
    const y = TOP + ROW * (i + 0.5);
    return row(entry, {
      y,
      scale,
      colour: classColours[COLOURS[backends.indexOf(entry.backend) % COLOURS.length]],
    });
  });
  const content = [
    text("Our speed over the peer's, logarithmic", { x: LEFT, y: 20 }, {
      size: 12,
      bold: true,
      fill: ink.strong,
    }),
    ...grid(scale, bottom),
    ...rows,
  ];
  const title =
    "Our speed over that of PyTorch, torchvision, scikit-learn, umap-learn, Snakemake, DVC and Ninja";
  return drawing(content, { width: LEFT + WIDTH + 70, height: bottom + 20, title });
}

const COLOURS = [8, 0, 2, 6, 7, 3];

interface Scale {
  readonly low: number;
  readonly high: number;
  /** Position of a ratio, units. */
  readonly x: (ratio: number) => number;
}

function scaleOf(ratios: readonly number[]): Scale {
  const low = Math.max(...TICKS.filter((tick) => tick <= Math.min(...ratios)), TICKS[0]);
  const high = Math.min(...TICKS.filter((tick) => tick >= Math.max(...ratios)), TICKS.at(-1)!);
  const x = (ratio: number) => {
    const share = Math.log(ratio / low) / Math.log(high / low);
    return LEFT + WIDTH * Math.min(1, Math.max(0, share));
  };
  return { low, high, x };
}

function grid({ low, high, x }: Scale, bottom: number): readonly string[] {
  return TICKS.filter((tick) => tick >= low && tick <= high).map((tick) => {
    const one = tick === 1;
    const label = tick < 1 ? `1/${1 / tick}` : String(tick);
    return element("line", {
      x1: x(tick),
      x2: x(tick),
      y1: TOP,
      y2: bottom,
      stroke: one ? ink.strong : ink.line,
      "stroke-width": one ? 1.4 : 0.5,
    }) + text(`${label}×`, { x: x(tick), y: TOP - 8 }, { size: 10, anchor: "middle", fill: ink.faint });
  });
}

/** Name, bar from 1, range of the runs, ratio. */
function row(
  entry: Entry,
  { y, scale, colour }: { readonly y: number; readonly scale: Scale; readonly colour: string },
): string {
  const [one, end] = [scale.x(1), scale.x(entry.ratio)];
  const [least, most] = ratioRange(entry).map(scale.x);
  return [
    text(`${titleOf(entry.name).replaceAll("`", "")}: ${entry.backend}`, { x: LEFT - 10, y: y + 4 }, {
      anchor: "end",
    }),
    element("rect", {
      x: Math.min(one, end),
      y: y - 6,
      width: Math.max(0.5, Math.abs(end - one)),
      height: 12,
      fill: colour,
    }),
    element("line", { x1: least, x2: most, y1: y, y2: y, stroke: ink.strong, "stroke-width": 1.4 }),
    text(timesOf(entry.ratio), { x: Math.max(one, end, most) + 6, y: y + 4 }, {
      bold: true,
      fill: ink.strong,
    }),
  ].join("\n");
}
