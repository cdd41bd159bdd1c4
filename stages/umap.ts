/**
 * UMAP layouts of the frozen teacher's test features, and of those of the same architecture with its initial weights,
 * with measures of how far they can be trusted. See "UMAP" of docs/recipe.md.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { type Artifact, type Context, defineStage } from "../pipeline/types.ts";
import emaTeacher from "./ema_teacher.ts";
import type { UmapPanel } from "./treenet/umap/figure.ts";
import type { Quality } from "./treenet/umap/quality.ts";

/** Contents of quality.json. */
export interface UmapMeta {
  readonly teacher: Quality;
  readonly random: Quality;
  /** Images. */
  readonly n: number;
  readonly neighbors: number;
  readonly minDist: number;
}

const params = z.strictObject({
  model: z.string(),
  seed: z.int().min(0),
  neighbors: z.int().min(2).max(200).default(15)
    .describe("Neighbours that UMAP keeps close, and k of the measures of quality"),
  minDist: z.number().min(0).max(1).default(0.1).describe("Smallest distance between points of a layout"),
  layoutSeed: z.int().min(0).default(0).describe(
    "Of UMAP's start and samples; the same for every model and seed",
  ),
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
  estimate: () => ({ seconds: 10, disk: 1_000_000, memory: 500_000_000 }),
  async run(context, params, { teacher }): Promise<UmapMeta> {
    const { readNpy, writeNpy } = await import("./formats/npy.ts");
    const labels = await readNpy(join(teacher.dir, "labels_test.npy"), "uint8");
    const index = await readNpy(join(teacher.dir, "index_test.npy"), "int32");
    const job = { context, params, teacher, labels: labels.data };
    const own = await layOut(job, "");
    const untrained = await layOut(job, "random_");
    await writeNpy(join(context.out, "labels.npy"), labels);
    await writeNpy(join(context.out, "index.npy"), index);
    await writeFigure(context.out, [
      { title: "Trained teacher", ...own },
      { title: "Random initialisation", ...untrained },
    ], { labels: labels.data, index: index.data });
    const { neighbors, minDist } = params;
    const meta = {
      teacher: own.quality,
      random: untrained.quality,
      n: labels.data.length,
      neighbors,
      minDist,
    };
    await Deno.writeTextFile(join(context.out, "quality.json"), JSON.stringify(meta, null, 2) + "\n");
    return meta;
  },
});

interface Job {
  readonly context: Context;
  readonly params: Params;
  readonly teacher: Artifact<unknown>;
  readonly labels: Uint8Array;
}

/** Lays out one network's features and writes the layout; `prefix` chooses the network. */
async function layOut(
  { context, params, teacher, labels }: Job,
  prefix: "" | "random_",
): Promise<{ readonly points: Float32Array; readonly quality: Quality }> {
  const { readNpy, writeNpy } = await import("./formats/npy.ts");
  const { layout } = await import("./treenet/umap/layout.ts");
  const { quality } = await import("./treenet/umap/quality.ts");
  const { shape, data } = await readNpy(join(teacher.dir, `${prefix}features_test.npy`), "float32");
  const progress = (from: number) => (done: number, total: number) => {
    context.signal.throwIfAborted();
    context.progress(from + Math.round(25 * done / total), 100);
  };
  const start = prefix === "" ? 0 : 50;
  const points = await layout(data, shape[1], {
    seed: params.layoutSeed,
    neighbors: params.neighbors,
    minDist: params.minDist,
    progress: progress(start),
  });
  await writeNpy(join(context.out, `${prefix}embedding.npy`), { shape: [shape[0], 2], data: points });
  const measured = await quality({ x: data, size: shape[1] }, { x: points, size: 2 }, {
    labels,
    neighbors: params.neighbors,
    progress: progress(start + 25),
  });
  return { points, quality: measured };
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
