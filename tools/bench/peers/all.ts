/**
 * Every comparison: a new one is a folder and an entry here.
 *
 * @module
 */
import { augmentation } from "./augmentation/comparison.ts";
import type { Comparison } from "./comparison.ts";
import { probe } from "./probe/comparison.ts";
import { reruns } from "./rerun/comparison.ts";
import { trainingSteps } from "./training/comparison.ts";
import { umap } from "./umap/comparison.ts";

export const COMPARISONS: readonly Comparison[] = [
  ...trainingSteps,
  augmentation,
  probe,
  umap,
  ...reruns,
];
