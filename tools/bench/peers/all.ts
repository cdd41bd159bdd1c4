/**
 * Every comparison: a new one is a folder and an entry here.
 *
 * @module
 */
import { augmentation } from "./augmentation/augmentation_comparison.ts";
import type { Comparison } from "./peer_comparison.ts";
import { probe } from "./probe/probe_comparison.ts";
import { reruns } from "./rerun/rerun_comparison.ts";
import { trainingSteps } from "./training/training_comparison.ts";
import { umap } from "./umap/umap_comparison.ts";

export const COMPARISONS: readonly Comparison[] = [
  ...trainingSteps,
  augmentation,
  probe,
  umap,
  ...reruns,
];
