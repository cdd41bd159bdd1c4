/**
 * Table 1 of the paper, the only numbers in a report that do not come from an artifact.
 *
 * Source: S. Grant, M. Dias, S. Kulkarni, "Spontaneous Decomposition from Grouped Network Pathways", poster,
 * Stanford University, Table 1 (linear evaluation accuracies on CIFAR-10; one number a row, no spread).
 *
 * @module
 */

/** A row as printed. */
export interface PosterRow {
  /** Name of the model in a profile. */
  readonly model: string;
  readonly type: string;
  readonly channels?: string;
  readonly leaves?: number;
  /** Accuracy in per cent of the 10,000 test images. */
  readonly accuracy: number;
}

export const posterTitle = "Spontaneous Decomposition from Grouped Network Pathways";

/** Number of images behind the poster's accuracies: CIFAR-10's test set. */
export const posterTestImages = 10_000;

export const posterTable: readonly PosterRow[] = [
  { model: "dense-join", type: "DenseJoin", channels: "8 - 16 - 32 - 48 - 64", leaves: 32, accuracy: 71.8 },
  { model: "avg-join", type: "AvgJoin", channels: "8 - 16 - 32 - 48 - 64", leaves: 32, accuracy: 65.2 },
  { model: "cnn", type: "CNN", channels: "32-128-256-512-1028", leaves: 1, accuracy: 62.0 },
  { model: "resnet50", type: "ResNet50", accuracy: 61.1 },
];

/** The poster's row of a model, if it has one. */
export function posterRow(model: string): PosterRow | undefined {
  return posterTable.find((row) => row.model === model);
}

/** Names of models that are not in the poster. */
const otherTitles: Readonly<Record<string, string>> = {
  "random-leaves": "Random leaves",
  "independent-leaves": "Independent leaves",
};

/** The poster's name of a model, else our name, else the profile's. */
export function modelTitle(model: string): string {
  return posterRow(model)?.type ?? otherTitles[model] ?? model;
}

/** Compares models: the poster's rows first, in its order; then the others by name. */
export function byPoster(a: string, b: string): number {
  const rank = (model: string) => {
    const at = posterTable.findIndex((row) => row.model === model);
    return at < 0 ? posterTable.length : at;
  };
  return rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0);
}
