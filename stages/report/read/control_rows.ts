/**
 * Rows of the controls that have no model of their own.
 *
 * @module
 */
import type { Artifact } from "../../../pipeline/stage.ts";
import { listed, thousands } from "../../../formats/written_numbers.ts";
import { modelTitle } from "./poster.ts";
import { type ControlsRead, ordered } from "./sources.ts";

/** One kind of features, over its seeds. */
export interface ControlRow {
  /** Name in tables of data. */
  readonly name: string;
  readonly title: string;
  /** Number of features of an image. */
  readonly features: number;
  /** Index of the control in the artifacts. */
  readonly row: number;
  /** Artifact of each seed. */
  readonly artifacts: readonly Artifact<ControlsRead>[];
}

/** Rows, one for each kind of features, in the order of the artifacts. */
export function controlRows(controls: readonly Artifact<ControlsRead>[]): readonly ControlRow[] {
  const artifacts = ordered(controls);
  if (artifacts.length === 0) return [];
  const { meta } = artifacts[0];
  return meta.controls.map((control, row) => ({
    name: [control.name, ...control.models].join(" "),
    title: titleOf(control, meta),
    features: control.features,
    row,
    artifacts,
  }));
}

function titleOf({ name, models }: ControlsRead["controls"][number], meta: ControlsRead): string {
  switch (name) {
    case "pixels":
      return `Pixels, ${meta.pixelSide} × ${meta.pixelSide}`;
    case "patches":
      return `K-means patches (Coates et al. 2011), K = ${thousands(meta.centroids)}`;
    case "random-leaves-pca":
      return `PCA-${meta.components} of random leaves (${listed(models.map(modelTitle))})`;
    default:
      return name satisfies never;
  }
}
