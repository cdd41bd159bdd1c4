/**
 * How long layouts and their measures take.
 *
 * @module
 */
import { layout, prepare } from "../treenet/umap/layout.ts";
import { quality } from "../treenet/umap/quality.ts";
import { spaceOf } from "../treenet/umap/space.ts";
import type { Gauge } from "./gauge.ts";
import { features } from "./synthetic.ts";

/** Sizes of the stage. */
export interface UmapSizes {
  readonly images: number;
  readonly neighbors: number;
  readonly epochs: number;
  readonly layoutSeeds: readonly number[];
}

/** Points and passes measured with. */
const POINTS = 200, PASSES = 200;
const BUDGET = 0.25;
const NETWORKS = 2; // trained and untrained

/** Seconds of the stage, for embeddings of `size` features. */
export async function umapSeconds(gauge: Gauge, size: number, sizes: UmapSizes): Promise<number> {
  const { images, layoutSeeds, epochs } = sizes;
  const neighbors = Math.min(sizes.neighbors, POINTS / 3);
  const points = (count: number, size: number) => ({ x: Float32Array.from(features(count, size).x), size });
  const native = points(POINTS, size), flat = points(POINTS, 2);
  const labels = features(POINTS, 1).labels;
  const spaces = async (of: typeof native) =>
    await gauge.seconds(`space ${of.size}`, { units: 1, run: () => spaceOf(of, neighbors) }, {
      budget: BUDGET,
    });
  const [space, plane] = [spaceOf(native, neighbors), spaceOf(flat, neighbors)];
  const prepared = prepare(native, space);
  const laidOut = (epochs: number) =>
    gauge.seconds(`layout ${neighbors} ${epochs}`, {
      units: 1,
      run: () => layout(prepared, { seed: 0, epochs }),
    }, { budget: BUDGET });
  const setUp = await laidOut(1);
  const pass = Math.max(0, await laidOut(PASSES) - setUp) / PASSES;
  const measuring = await gauge.seconds(`quality ${neighbors}`, {
    units: 1,
    run: () => quality(space, plane, { labels }),
  }, { budget: BUDGET });
  const growth = images / POINTS;
  const perLayout = setUp + growth * epochs * pass + growth ** 2 * (measuring + await spaces(flat));
  return NETWORKS * (growth ** 2 * await spaces(native) + layoutSeeds.length * perLayout);
}
