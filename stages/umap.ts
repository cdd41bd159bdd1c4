/**
 * UMAP layouts of the frozen teacher's features of test images, and of those of the same architecture with its initial
 * weights, with measures of how far they can be trusted. See "UMAP" of docs/recipe.md.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { type Artifact, type Context, defineStage } from "../pipeline/types.ts";
import emaTeacher from "./ema_teacher.ts";
import type { UmapPanel } from "./treenet/umap/figure.ts";
import type { Quality, QualityRange } from "./treenet/umap/quality.ts";

/** Contents of quality.json. */
export interface UmapMeta {
  /** Over the layouts of all seeds. */
  readonly teacher: QualityRange;
  readonly random: QualityRange;
  /** The layouts one by one, in the order of `layoutSeeds`. */
  readonly layouts: { readonly teacher: readonly Quality[]; readonly random: readonly Quality[] };
  /** The first is the one drawn. */
  readonly layoutSeeds: readonly number[];
  /** Images. */
  readonly n: number;
  readonly neighbors: number;
  readonly minDist: number;
  readonly epochs: number;
}

const params = z.strictObject({
  model: z.string(),
  seed: z.int().min(0),
  images: z.int().min(40).max(5000).default(2000)
    .describe("Test images laid out, equally many of each class; the same for every model and seed"),
  neighbors: z.int().min(2).max(200).default(15)
    .describe(
      "Neighbours that UMAP keeps close (a point counts as its own first), and k of the measures of quality",
    ),
  minDist: z.number().min(0).max(1).default(0.1).describe("Smallest distance between points of a layout"),
  epochs: z.int().min(1).max(10_000).default(500).describe("Passes over the graph's edges"),
  layoutSeeds: z.array(z.int().min(0)).min(1).max(20).default([0, 1, 2])
    .describe("One layout each; the first is drawn, measures are of all"),
  sampleSeed: z.int().min(0).default(0).describe("Of the images drawn"),
});

type Params = z.infer<typeof params>;

export default defineStage({
  name: "umap",
  module: import.meta.url,
  axes: ["model", "seed"],
  inputs: { teacher: emaTeacher },
  params,
  outputs: [
    "embedding.npy",
    "random_embedding.npy",
    "labels.npy",
    "index.npy",
    "quality.json",
    "figure5.svg",
    "figure5.png",
    "figure5.csv",
  ],
  estimate: ({ images, neighbors, epochs, layoutSeeds: { length } }) => ({
    // Of two networks: passes over the graph's edges, and the distances between all images.
    seconds: 1 + 2 * length * images * (1e-7 * neighbors * epochs + 2.3e-7 * images),
    disk: 1_000_000,
    memory: 600_000_000,
  }),
  async run(context, params, { teacher }): Promise<UmapMeta> {
    const { writeNpy } = await import("./formats/npy.ts");
    const images = await sampleRows(teacher, params);
    const job = { context, params, teacher, images };
    const own = await layOut(job, "");
    const untrained = await layOut(job, "random_");
    const { labels, index } = images;
    await writeNpy(join(context.out, "labels.npy"), { shape: [labels.length], data: labels });
    await writeNpy(join(context.out, "index.npy"), { shape: [index.length], data: index });
    await writeFigure(context.out, [
      { title: "Trained teacher", points: own.points, quality: own.range.mean },
      { title: "Random initialisation", points: untrained.points, quality: untrained.range.mean },
    ], images);
    const { neighbors, minDist, epochs, layoutSeeds } = params;
    const meta = {
      teacher: own.range,
      random: untrained.range,
      layouts: { teacher: own.qualities, random: untrained.qualities },
      layoutSeeds,
      n: labels.length,
      neighbors,
      minDist,
      epochs,
    };
    await Deno.writeTextFile(join(context.out, "quality.json"), JSON.stringify(meta, null, 2) + "\n");
    return meta;
  },
});

/** The images laid out. */
interface Images {
  /** Of the teacher's arrays, ascending. */
  readonly rows: Int32Array;
  readonly labels: Uint8Array;
  /** Into the 10,000 test images. */
  readonly index: Int32Array;
}

/** Names this use of the seed, so that no other draw repeats it. */
const STREAM = 0xf1_90_05;

async function sampleRows(
  teacher: Artifact<unknown>,
  { images, sampleSeed }: Params,
): Promise<Images> {
  const { readNpy } = await import("./formats/npy.ts");
  const { stratified } = await import("./formats/cifar.ts");
  const { random } = await import("./treenet/random.ts");
  const labels = (await readNpy(join(teacher.dir, "labels_test.npy"), "uint8")).data;
  const index = (await readNpy(join(teacher.dir, "index_test.npy"), "int32")).data;
  const rows = stratified(labels, images, random(sampleSeed, STREAM));
  return {
    rows,
    labels: Uint8Array.from(rows, (row) => labels[row]),
    index: rows.map((row) => index[row]),
  };
}

interface Job {
  readonly context: Context;
  readonly params: Params;
  readonly teacher: Artifact<unknown>;
  readonly images: Images;
}

/** One network's layouts. */
interface LaidOut {
  /** Of the first seed. */
  readonly points: Float32Array;
  readonly qualities: readonly Quality[];
  readonly range: QualityRange;
}

/** Lays out one network's features once a seed and writes the first layout; `prefix` chooses the network. */
async function layOut(
  { context, params, teacher, images }: Job,
  prefix: "" | "random_",
): Promise<LaidOut> {
  const { readNpy, writeNpy } = await import("./formats/npy.ts");
  const { layout, prepare } = await import("./treenet/umap/layout.ts");
  const { quality, rangeOfQuality } = await import("./treenet/umap/quality.ts");
  const { spaceOf } = await import("./treenet/umap/space.ts");
  const { neighbors, minDist, epochs, layoutSeeds } = params;
  const { shape: [, size], data } = await readNpy(
    join(teacher.dir, `${prefix}features_test.npy`),
    "float32",
  );
  const features = { x: selected(data, size, images.rows), size };
  const space = spaceOf(features, neighbors);
  const prepared = prepare(features, space);
  const layouts: Float32Array[] = [];
  const qualities: Quality[] = [];
  for (const [turn, seed] of layoutSeeds.entries()) {
    const progress = (done: number, total: number) => {
      context.signal.throwIfAborted();
      const before = (prefix === "" ? 0 : layoutSeeds.length) + turn;
      context.progress(Math.round(100 * (before + done / total) / (2 * layoutSeeds.length)), 100);
    };
    const points = await layout(prepared, { seed, epochs, minDist, progress });
    layouts.push(points);
    qualities.push(await quality(space, spaceOf({ x: points, size: 2 }, neighbors), images));
  }
  const [points] = layouts;
  await writeNpy(join(context.out, `${prefix}embedding.npy`), {
    shape: [images.rows.length, 2],
    data: points,
  });
  return { points, qualities, range: rangeOfQuality(qualities) };
}

function selected(x: Float32Array, size: number, rows: Int32Array): Float32Array {
  const out = new Float32Array(rows.length * size);
  rows.forEach((row, i) => out.set(x.subarray(row * size, (row + 1) * size), i * size));
  return out;
}

async function writeFigure(
  out: string,
  panels: readonly UmapPanel[],
  images: { readonly labels: Uint8Array; readonly index: Int32Array },
): Promise<void> {
  const { umapColumns, umapFigure, umapRows } = await import("./treenet/umap/figure.ts");
  const { svgToPng } = await import("./treenet/figures/png.ts");
  const { writeCsv } = await import("./formats/csv.ts");
  const svg = umapFigure(panels, images.labels);
  await Deno.writeTextFile(join(out, "figure5.svg"), svg);
  await Deno.writeFile(join(out, "figure5.png"), await svgToPng(svg));
  await writeCsv(join(out, "figure5.csv"), { columns: umapColumns, rows: umapRows(panels, images) });
}
