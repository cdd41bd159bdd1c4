/**
 * The artifacts behind a report, by stage, with only the meta fields that it reads.
 *
 * @module
 */
import type { Artifact } from "../../pipeline/types.ts";
import type { ControlsMeta } from "../controls.ts";
import type { CurveMeta } from "../curve.ts";
import type { LeafProbeMeta, leafRows as rows } from "../leaf_probe.ts";
import type { SaliencyMeta } from "../saliency/meta.ts";
import type { TrainMeta } from "../train.ts";
import type { UmapMeta } from "../umap.ts";
import { byPoster } from "./poster.ts";

export interface ViewsMeta {
  /** Number of rounds of views; 0 means fresh views for every epoch. */
  readonly rounds: number;
  /** Number of views of an image in a round. */
  readonly globals: number;
  readonly locals: number;
  /** Pixels on a side. */
  readonly globalSize: number;
  readonly localSize: number;
}

/** Facts about a training in the report. */
export type TrainedMeta = Omit<TrainMeta, "loss"> & {
  /** True if the model only serves for comparison. */
  readonly control?: boolean;
  /** Health of the training at its end, such as "healthy"; "collapsed: …" if it collapsed. */
  readonly health?: string;
};

/** An accuracy. */
export interface Share {
  /** Fraction of `n` test images. */
  readonly accuracy: number;
  readonly n: number;
}

export interface Probed {
  readonly linear: Share;
  /** Number of neighbours → accuracy. */
  readonly knn: Readonly<Record<string, number>>;
}

export interface ProbeMeta {
  readonly teacher: Probed;
  readonly random: Probed;
  /** Our probe on the teacher's features of raw pixels. */
  readonly raw?: { readonly linear: Share };
  /** The released code's probe. */
  readonly released?: { readonly normalised: Share; readonly raw?: Share };
  /** Evaluation behind each row of predictions.npy. */
  readonly predictions: readonly string[];
}

/** Fields of the controls that are read; of `linear` only the accuracy. */
export type ControlsRead = Omit<ControlsMeta, "controls"> & {
  readonly controls:
    readonly (Omit<ControlsMeta["controls"][number], "linear"> & { readonly linear: Share })[];
};

/** Fields of the leaves' own probe that are read. */
export interface LeavesRead extends Pick<LeafProbeMeta, "features" | "trainImages"> {
  /** Absent if a net has one leaf. */
  readonly judged?: {
    readonly teacher: Share;
    readonly random: Share;
    /** True if the leaves have their initial weights. */
    readonly untrained: boolean;
  };
}

/** Rows of predictions.npy of the leaves' probe. */
export const leafRows: typeof rows = ["teacher", "random"];

/** All artifacts by stage; a list is empty if the stage did not run. */
export interface Sources {
  readonly download: readonly Artifact<unknown>[];
  readonly views: readonly Artifact<ViewsMeta>[];
  readonly trained: readonly Artifact<TrainedMeta>[];
  readonly teachers: readonly Artifact<unknown>[];
  readonly probes: readonly Artifact<ProbeMeta>[];
  /** Artifacts of the stage `leaf-probe`. */
  readonly leafProbes: readonly Artifact<LeavesRead>[];
  readonly controls: readonly Artifact<ControlsRead>[];
  /** Artifacts of the stage `curve`: accuracies by the number of images seen. */
  readonly learning: readonly Artifact<CurveMeta>[];
  readonly saliency: readonly Artifact<SaliencyMeta>[];
  readonly umaps: readonly Artifact<UmapMeta>[];
}

/** All artifacts in the order of the workflow; within a stage by model (the poster's order), then seed. */
export function everyArtifact(sources: Sources): readonly Artifact<unknown>[] {
  const { download, views, trained, teachers, probes, leafProbes, controls, learning, saliency, umaps } =
    sources;
  return [download, views, trained, teachers, probes, leafProbes, controls, learning, saliency, umaps]
    .flatMap((list) => ordered<unknown>(list));
}

/** Sorts artifacts by model, then seed. */
export function ordered<Meta>(artifacts: readonly Artifact<Meta>[]): readonly Artifact<Meta>[] {
  return [...artifacts].sort((a, b) => byPoster(modelOf(a), modelOf(b)) || seedOf(a) - seedOf(b));
}

/** Models of any of the artifacts, the poster's first. */
export function modelsOf(artifacts: readonly Artifact<unknown>[]): readonly string[] {
  return [...new Set(artifacts.map(modelOf))].filter((model) => model !== "").sort(byPoster);
}

export function seedsOf(artifacts: readonly Artifact<unknown>[]): readonly number[] {
  const seeds = artifacts.filter((artifact) => artifact.point.seed !== undefined).map(seedOf);
  return [...new Set(seeds)].sort((a, b) => a - b);
}

/** The artifact's model; empty for a stage without that axis. */
export function modelOf(artifact: Artifact<unknown>): string {
  return String(artifact.point.model ?? "");
}

/** The name of the stage that made an artifact: a task is called `<stage>` or `<stage>[<point>]`. */
export function stageOf({ task }: Artifact<unknown>): string {
  return task.split("[")[0];
}

export function seedOf(artifact: Artifact<unknown>): number {
  return Number(artifact.point.seed ?? 0);
}
