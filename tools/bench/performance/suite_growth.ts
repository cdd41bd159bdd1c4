/**
 * Growth of a step's time with leaves and batch, and its fall with cores.
 *
 * @module
 */
import type { Point, TimedStep } from "./measurements.ts";

/** Points that differ along one axis. */
export interface Growth {
  readonly axis: "m" | "batch";
  readonly from: number;
  readonly to: number;
  /** Exponent of time over the axis, a power law by least squares of logarithms; 1 is linear. */
  readonly exponent: number;
  /** Time at `to` over time at `from`. */
  readonly factor: number;
}

/** The longest series along an axis, all else equal; of equals the one with most cores. */
export function seriesOf(points: readonly Point[], axis: "m" | "batch"): readonly Point[] {
  const others = ({ m, batch, cores, backend }: Point) => [backend, cores, axis === "m" ? batch : m].join();
  const all = [...Map.groupBy(points, others).values()].map((series) =>
    series.toSorted((a, b) => a[axis] - b[axis])
  );
  return all.reduce((best, one) => {
    const longer = one.length - best.length || one[0].cores - best[0].cores;
    return longer > 0 ? one : best;
  });
}

/** Absent where there is but one point. */
export function growthOf(points: readonly Point[], axis: "m" | "batch"): Growth | undefined {
  const series = seriesOf(points, axis);
  if (series.length < 2) return undefined;
  const [x, y] = [
    series.map((point) => Math.log(point[axis])),
    series.map(({ msPerStep }) => Math.log(msPerStep)),
  ];
  const [meanX, meanY] = [mean(x), mean(y)];
  const covariance = x.reduce((sum, value, i) => sum + (value - meanX) * (y[i] - meanY), 0);
  const variance = x.reduce((sum, value) => sum + (value - meanX) ** 2, 0);
  const [first, last] = [series[0], series.at(-1)!];
  return {
    axis,
    from: first[axis],
    to: last[axis],
    exponent: covariance / variance,
    factor: last.msPerStep / first.msPerStep,
  };
}

/** The same steps on one core and on most. */
export interface Speedup {
  readonly cores: number;
  readonly least: number;
  readonly most: number;
}

/** Absent where no step was measured on both. */
export function speedupOf(points: readonly Point[]): Speedup | undefined {
  const cores = Math.max(...points.map((point) => point.cores));
  const ratios = points.filter((point) => cores > 1 && point.cores === cores).flatMap((point) => {
    const alone = points.find((other) =>
      other.cores === 1 && other.m === point.m && other.batch === point.batch &&
      other.backend === point.backend
    );
    return alone === undefined ? [] : [alone.msPerStep / point.msPerStep];
  });
  return ratios.length === 0 ? undefined : { cores, least: Math.min(...ratios), most: Math.max(...ratios) };
}

/** A step on one core and on more. */
export interface StepSpeedup {
  readonly name: string;
  readonly backend: string;
  readonly cores: number;
  /** Time of a step, ms. */
  readonly alone: number;
  readonly together: number;
  readonly times: number;
}

/** Speedups of every step and backend measured on one core and on several, with the most cores measured. */
export function stepSpeedups(steps: readonly TimedStep[]): readonly StepSpeedup[] {
  const groups = Map.groupBy(steps, ({ name, backend }) => `${name} ${backend}`);
  return [...groups.values()].flatMap((group) => {
    const most = group.reduce((a, b) => b.cores > a.cores ? b : a),
      alone = group.find(({ cores }) => cores === 1);
    if (alone === undefined || most.cores === 1) return [];
    const { name, backend, cores, msPerStep: together } = most;
    return [{ name, backend, cores, alone: alone.msPerStep, together, times: alone.msPerStep / together }];
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
