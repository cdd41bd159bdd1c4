/**
 * The artifacts behind a report, by stage, with only the meta fields that it reads.
 *
 * @module
 */
import { join } from "node:path";
import type { Artifact } from "../../../pipeline/stage.ts";
import type { AugmentCacheMeta } from "../../augment_cache/params.ts";
import type { ControlsMeta } from "../../controls/params.ts";
import type { EnsembleMeta } from "../../ensemble/params.ts";
import type { LayerProbeMeta } from "../../layer_probe/params.ts";
import type { PredictionRow } from "../../../treenet/probe/prediction_rows.ts";
import type { TrainMeta } from "../../train/params.ts";
import { modelOf, seedOf } from "../../section.ts";
import { byPoster } from "./poster.ts";

/** A training's meta, as far as the table uses it. */
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
  /** Meaning of each row of predictions.npy. */
  readonly predictions: readonly PredictionRow[];
}

/** Fields of the controls that are read; of `linear` only the accuracy. */
export type ControlsRead = Omit<ControlsMeta, "controls"> & {
  readonly controls:
    readonly (Omit<ControlsMeta["controls"][number], "linear"> & { readonly linear: Share })[];
};

/** Fields of the probes by layer that are read. */
export type LayersRead = Pick<LayerProbeMeta, "fitted" | "layers" | "predictions">;

/** Stages of a workflow with their inputs; every stage stands after its inputs. */
export type Graph = readonly { readonly stage: string; readonly reads: readonly string[] }[];

/**
 * All artifacts, by stage; a list is empty where the stage did not run. The report reads those with a name here, and of
 * any other stage only that stage's section reads.
 */
export interface Sources {
  readonly download: readonly Artifact<unknown>[];
  readonly views: readonly Artifact<AugmentCacheMeta>[];
  readonly trained: readonly Artifact<TrainedMeta>[];
  readonly teachers: readonly Artifact<unknown>[];
  readonly probes: readonly Artifact<ProbeMeta>[];
  readonly layerProbes: readonly Artifact<LayersRead>[];
  readonly controls: readonly Artifact<ControlsRead>[];
  /** Artifacts of the stage `ensemble`. */
  readonly ensembles: readonly Artifact<EnsembleMeta>[];
  readonly [stage: string]: readonly Artifact<unknown>[];
}

/** All artifacts, in the order of the workflow; within a stage by model (the poster's order), then seed. */
export function everyArtifact(
  { sources, graph }: { readonly sources: Sources; readonly graph: Graph },
): readonly Artifact<unknown>[] {
  return graph.flatMap(({ stage }) => artifactsOf(stage, sources));
}

/** A stage's artifacts, by model, then seed. */
export function artifactsOf(stage: string, sources: Sources): readonly Artifact<unknown>[] {
  return ordered(Object.values(sources).flat().filter((artifact) => stageOf(artifact) === stage));
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

/** The name of the stage that made an artifact: a task is called `<stage>` or `<stage>[<point>]`. */
export function stageOf({ task }: Artifact<unknown>): string {
  return task.split("[")[0];
}

/** Models with running statistics, those with BatchNorm, as the model.json of their `ema-teacher` artifacts says. */
export async function modelsWithBuffers(
  teachers: readonly Artifact<unknown>[],
): Promise<readonly string[]> {
  const buffered = await Promise.all(teachers.map(async ({ dir }) => {
    const { parameters } = JSON.parse(await Deno.readTextFile(join(dir, "model.json")));
    return parameters.some(({ role }: { readonly role: string }) => role === "buffer");
  }));
  return modelsOf(teachers.filter((_, i) => buffered[i]));
}
