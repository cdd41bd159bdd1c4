/**
 * Labelled points of a layout without meaningful axes: equal units, a marker for each class, a legend.
 *
 * @module
 */
import { classes, ink } from "./palette.ts";
import { coordinate, element, type Point, text } from "./svg.ts";

export interface Scatter {
  /** [n, 2], y upwards. */
  readonly points: Float32Array;
  /** [n], 0 to 9. */
  readonly labels: Uint8Array;
}

/** Distance between a panel's edge and its outermost marks, units. */
const PADDING = 9;
/** Number of points drawn before the next class has its turn, so that no class covers the others. */
const TURN = 100;
const OPACITY = 0.8;

/** A framed square panel with its upper left corner at `at`. */
export function scatterPanel(
  of: Scatter,
  { at, side }: { readonly at: Point; readonly side: number },
): string {
  const marks = inTurns(fitted(of.points, side), of.labels, radiusFor(of.labels.length, side));
  const frame = element("rect", { width: side, height: side, fill: "none", stroke: ink.line });
  return element(
    "g",
    { transform: `translate(${coordinate(at.x)} ${coordinate(at.y)})` },
    [frame, ...marks].join("\n"),
  );
}

/** Class names in two lines, vehicles and animals, centred within `width`; 40 units high. */
export function classLegend(at: Point, width: number): string {
  const [entry, head] = [94, 78];
  const left = at.x + (width - head - 6 * entry + 40) / 2;
  return (["triangle", "disc"] as const).flatMap((marker, line) => {
    const y = at.y + 10 + 20 * line;
    const own = [...classes.entries()].filter(([, style]) => style.marker === marker);
    return [
      text(marker === "disc" ? "Animals" : "Vehicles", { x: left, y: y + 4 }, { bold: true }),
      ...own.flatMap(([label, { name }], i) => {
        const x = left + head + i * entry;
        return [marksOf([{ x, y }], { label, radius: 4 }), text(name, { x: x + 9, y: y + 4 })];
      }),
    ];
  }).join("\n");
}

/** Panel coordinates: centred, equal units on both axes, y downwards. */
function fitted(points: Float32Array, side: number): readonly Point[] {
  const [x, y] = [0, 1].map((axis) => rangeOf(points.filter((_, i) => i % 2 === axis)));
  const unit = (side - 2 * PADDING) / (Math.max(x.width, y.width) || 1);
  return Array.from({ length: points.length / 2 }, (_, i) => ({
    x: side / 2 + (points[2 * i] - x.middle) * unit,
    y: side / 2 - (points[2 * i + 1] - y.middle) * unit,
  }));
}

function rangeOf(values: Float32Array): { readonly middle: number; readonly width: number } {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  return { middle: (low + high) / 2, width: high - low };
}

/** Radius at which the marks cover about the same share of a panel, for any number of marks. */
function radiusFor(count: number, side: number): number {
  return Math.min(4, Math.max(0.8, 0.27 * side / Math.sqrt(count)));
}

function inTurns(dots: readonly Point[], labels: Uint8Array, radius: number): readonly string[] {
  const paths: string[] = [];
  for (let start = 0; start < dots.length; start += TURN) {
    const turn = dots.slice(start, start + TURN);
    for (const label of classes.keys()) {
      const own = turn.filter((_, i) => labels[start + i] === label);
      if (own.length > 0) paths.push(marksOf(own, { label, radius }));
    }
  }
  return paths;
}

/** All marks of one class in one path: a disc is a line of zero length with a round end. */
function marksOf(
  dots: readonly Point[],
  { label, radius }: { readonly label: number; readonly radius: number },
): string {
  const { colour, marker } = classes[label];
  if (marker === "triangle") {
    const shape = `l${coordinate(radius * 1.15)} ${coordinate(2 * radius)}h${coordinate(-2.3 * radius)}z`;
    const d = dots.map(({ x, y }) => `M${coordinate(x)} ${coordinate(y - radius * 1.25)}${shape}`).join("");
    return element("path", { d, fill: colour, "fill-opacity": OPACITY });
  }
  return element("path", {
    d: dots.map(({ x, y }) => `M${coordinate(x)} ${coordinate(y)}h.01`).join(""),
    stroke: colour,
    "stroke-width": 2 * radius,
    "stroke-linecap": "round",
    "stroke-opacity": OPACITY,
  });
}
