/**
 * Figure 5 of the paper: UMAP layouts of every architecture, and how far they can be trusted.
 *
 * @module
 */
import { join } from "node:path";
import type { Artifact } from "../../pipeline/stage.ts";
import { details, image, joined } from "../../formats/markdown.ts";
import { readNpy } from "../../formats/npy.ts";
import { thousands } from "../../formats/written_numbers.ts";
import {
  alternatives,
  type Drawn,
  from,
  modelOf,
  type Page,
  type Section,
  seedOf,
  tasksOf,
} from "../section.ts";
import { qualityNotes, qualityTable } from "./embedding_quality.ts";
import { figure5, figure5Columns, figure5Rows, type Layouts } from "./figure5.ts";
import type { UmapMeta } from "./params.ts";

export default {
  order: 50,
  async write(artifacts, page) {
    const umaps = page.firstSeeds(artifacts);
    if (umaps.length === 0) return undefined;
    const layouts = await Promise.all(umaps.map((artifact) => readLayouts(artifact, page)));
    const picture = await page.draw("figure5", {
      svg: figure5(layouts),
      scale: 1.5, // less than other figures: it has many dots
      columns: figure5Columns,
      rows: figure5Rows(layouts),
    });
    return joined([
      "## Figure 5: UMAP of the representations",
      image("UMAP layouts of the same test images, by architecture", picture.png),
      caption(umaps, picture),
      details("Quality of the layouts: mean (range) over UMAP seeds", qualityTable(umaps, page)),
    ]);
  },
} satisfies Section<UmapMeta>;

/** The two layouts of an artifact. */
async function readLayouts(artifact: Artifact<UmapMeta>, { title }: Page): Promise<Layouts> {
  const at = (file: string) => join(artifact.dir, file);
  const [teacher, random] = await Promise.all([
    readNpy(at("embedding.npy"), "float32"),
    readNpy(at("random_embedding.npy"), "float32"),
  ]);
  const [labels, index] = await Promise.all([
    readNpy(at("labels.npy"), "uint8"),
    readNpy(at("index.npy"), "int32"),
  ]);
  return {
    model: modelOf(artifact),
    seed: seedOf(artifact),
    title: title(artifact),
    teacher: { points: teacher.data, notes: qualityNotes(artifact.meta.teacher.mean) },
    random: { points: random.data, notes: qualityNotes(artifact.meta.random.mean) },
    labels: labels.data,
    index: index.data,
  };
}

function caption(umaps: readonly Artifact<UmapMeta>[], drawn: Drawn): string {
  const seeds = [...new Set(umaps.map(seedOf))];
  const which = seeds.length === 1 ? `seed ${seeds[0]}` : "the first seed of each";
  const [{ task, meta }] = umaps;
  const [neighbours, distance, passes, images, layouts] = [
    meta.neighbors,
    meta.minDist,
    meta.epochs,
    meta.n,
    meta.layoutSeeds.length,
  ].map((value) => from(task, thousandsOrDecimal(value)));
  return [
    `*Figure 5.* UMAP layouts (start by PCA, ${neighbours} neighbours, minimal distance ${distance}, ${passes} passes) of`,
    `the same ${images} test images, equally many of each class, for every architecture, trained teacher above its random`,
    `initialisation, ${which}, from ${
      tasksOf(umaps)
    }. One mark an image; the axes have no unit, and neither the`,
    "distance between clusters nor their size has a meaning. Under each panel: how many neighbours the layout invents",
    "(trustworthiness), loses (continuity) and keeps (k-NN overlap), and how far classes are apart in the native space",
    `and in the layout (silhouette, −1 to 1). They are means over ${layouts} layouts, of which the first is drawn; a`,
    "layout with a low trustworthiness shows neighbours that are none. The measures describe the layouts and do not",
    `rank the models.${alternatives(drawn)}`,
  ].join(" ");
}

function thousandsOrDecimal(value: number): string {
  return Number.isInteger(value) ? thousands(value) : String(value);
}
