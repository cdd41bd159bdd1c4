/**
 * Quality of a UMAP layout, as lines under its panel and as a table.
 *
 * @module
 */
import type { Artifact } from "../../pipeline/stage.ts";
import type { UmapMeta } from "./params.ts";
import type { Quality, QualityRange } from "../../treenet/umap/quality.ts";
import { table } from "../../formats/markdown.ts";
import { from, type Page } from "../section.ts";

interface Measured {
  readonly name: string;
  /** Mean over layouts, with the smallest and the largest value where they differ. */
  readonly value: string;
}

/** Lines for under a panel. */
export function qualityNotes(
  { trustworthiness, continuity, knnOverlap, silhouette }: Quality,
): readonly string[] {
  const short = (value: number) => fixed(value, 2);
  return [
    `trustworthiness ${short(trustworthiness)}, continuity ${short(continuity)}`,
    `k-NN overlap ${short(knnOverlap)}`,
    `silhouette ${short(silhouette.native)} native, ${short(silhouette.layout)} in 2-D`,
  ];
}

/** A line a measure, two columns a model. */
export function qualityTable(umaps: readonly Artifact<UmapMeta>[], { title }: Page): string {
  const columns = umaps.flatMap((artifact) => {
    const { task, meta } = artifact;
    const model = title(artifact);
    return [
      { task, title: model, measured: measuresOf(meta.teacher) },
      { task, title: `${model}, random init`, measured: measuresOf(meta.random) },
    ];
  });
  const names = columns[0]?.measured.map(({ name }) => name) ?? [];
  const rows = names.map((name, i) => [
    name,
    ...columns.map(({ task, measured }) => from(task, measured[i].value)),
  ]);
  return table(["Measure", ...columns.map(({ title }) => title)], rows, {
    align: `l${"r".repeat(columns.length)}`,
  });
}

function measuresOf({ mean, low, high }: QualityRange): readonly Measured[] {
  const measured = (name: string, of: (quality: Quality) => number): Measured => {
    const [middle, least, greatest] = [mean, low, high].map((quality) => fixed(of(quality), 3));
    return { name, value: least === greatest ? middle : `${middle} (${least} to ${greatest})` };
  };
  return [
    measured("Trustworthiness", ({ trustworthiness }) => trustworthiness),
    measured("Continuity", ({ continuity }) => continuity),
    measured("k-NN overlap", ({ knnOverlap }) => knnOverlap),
    measured("Silhouette of classes, native space", ({ silhouette }) => silhouette.native),
    measured("Silhouette of classes, layout", ({ silhouette }) => silhouette.layout),
  ];
}

function fixed(value: number, digits: number): string {
  return value.toFixed(digits).replace("-", "−");
}
