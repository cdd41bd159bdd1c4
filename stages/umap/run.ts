/**
 * Lays out the features of both networks, measures the layouts and draws the first of each.
 *
 * @module
 */
import { join } from "node:path";
import type { Artifact, Context } from "../../pipeline/stage.ts";
import { stratified } from "../../formats/cifar.ts";
import { writeCsv } from "../../formats/csv.ts";
import { readNpy, writeNpy } from "../../formats/npy.ts";
import { svgToPng } from "../../treenet/figures/rasterise.ts";
import { random } from "../../treenet/random.ts";
import { umapColumns, umapFigure, type UmapPanel, umapRows } from "../../treenet/umap/figure.ts";
import { layout, prepare } from "../../treenet/umap/layout.ts";
import { type Quality, quality, type QualityRange, rangeOfQuality } from "../../treenet/umap/quality.ts";
import { spaceOf } from "../../treenet/umap/space.ts";
import type { UmapMeta, UmapParams } from "./params.ts";

/** Writes the artifact's files. */
export async function run(
  context: Context,
  params: UmapParams,
  { teacher }: { readonly teacher: Artifact<unknown> },
): Promise<UmapMeta> {
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
}

/** The images laid out. */
interface Images {
  /** Rows of the teacher's arrays, ascending. */
  readonly rows: Int32Array;
  readonly labels: Uint8Array;
  /** Places among the 10,000 test images. */
  readonly index: Int32Array;
}

/** Names this use of the seed, so that no other draw repeats it. */
const STREAM = 0xf1_90_05;

async function sampleRows(
  teacher: Artifact<unknown>,
  { images, sampleSeed }: UmapParams,
): Promise<Images> {
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
  readonly params: UmapParams;
  readonly teacher: Artifact<unknown>;
  readonly images: Images;
}

/** One network's layouts. */
interface LaidOut {
  /** Layout of the first seed. */
  readonly points: Float32Array;
  readonly qualities: readonly Quality[];
  readonly range: QualityRange;
}

/** Lays out one network's features once a seed and writes the first layout; `prefix` chooses the network. */
async function layOut(
  { context, params, teacher, images }: Job,
  prefix: "" | "random_",
): Promise<LaidOut> {
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
  const svg = umapFigure(panels, images.labels);
  await Deno.writeTextFile(join(out, "figure5.svg"), svg);
  await Deno.writeFile(join(out, "figure5.png"), await svgToPng(svg));
  await writeCsv(join(out, "figure5.csv"), { columns: umapColumns, rows: umapRows(panels, images) });
}
