/**
 * How faithful a UMAP layout is, as lines under its panel and as a table.
 *
 * @module
 */
import type { Artifact } from "../../pipeline/types.ts";
import type { UmapMeta } from "../umap.ts";
import type { Quality } from "../treenet/umap/quality.ts";
import { from, table } from "./markdown.ts";
import { modelTitle } from "./poster.ts";
import { modelOf } from "./sources.ts";

interface Measured {
  readonly name: string;
  readonly value: number;
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
export function qualityTable(umaps: readonly Artifact<UmapMeta>[]): string {
  const columns = umaps.flatMap((artifact) => {
    const { task, meta } = artifact;
    const model = modelTitle(modelOf(artifact));
    return [
      { task, title: model, measured: measuresOf(meta.teacher) },
      { task, title: `${model}, random init`, measured: measuresOf(meta.random) },
    ];
  });
  const names = columns[0]?.measured.map(({ name }) => name) ?? [];
  const rows = names.map((name, i) => [
    name,
    ...columns.map(({ task, measured }) => from(task, fixed(measured[i].value, 3))),
  ]);
  return table(["Measure", ...columns.map(({ title }) => title)], rows, {
    align: `l${"r".repeat(columns.length)}`,
  });
}

function measuresOf({ trustworthiness, continuity, knnOverlap, silhouette }: Quality): readonly Measured[] {
  return [
    { name: "Trustworthiness", value: trustworthiness },
    { name: "Continuity", value: continuity },
    { name: "k-NN overlap", value: knnOverlap },
    { name: "Silhouette of classes, native space", value: silhouette.native },
    { name: "Silhouette of classes, layout", value: silhouette.layout },
  ];
}

function fixed(value: number, digits: number): string {
  return value.toFixed(digits).replace("-", "−");
}
