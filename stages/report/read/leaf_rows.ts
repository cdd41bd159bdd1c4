/**
 * Leaves of the trees of one row, seed by seed, as `ensemble` and `saliency` left them.
 *
 * @module
 */
import { join } from "node:path";
import type { Artifact } from "../../../pipeline/stage.ts";
import { readNpy } from "../../../formats/npy.ts";
import type { JudgedLeaves, LeafRows } from "../../../treenet/claims/decomposition.ts";
import type { Kind, KindsOfTree } from "../../../treenet/claims/three_kinds.ts";
import type { EnsembleMeta } from "../../ensemble/params.ts";
import { modelOf, seedOf } from "../../section.ts";
import { artifactsOf, ordered, type Sources } from "./sources.ts";

/** Fields of the stage `saliency` that claims rest on; of a net without leaves they are null. */
export interface LeafKindsRead {
  readonly categories: Readonly<Record<string, number>> | null;
  readonly each:
    | readonly { readonly gains: readonly number[]; readonly gainErrors: readonly number[] }[]
    | null;
  /** The part on specialists for one class is null where no leaf learned. */
  readonly power: { readonly oneClass: { readonly atThree: number } | null } | null;
}

/** Fewest images of a claim about maps. */
const LEAST_MAPPED = 100;

/** The leaves of two rows, of the seeds that both have. */
export async function leafRows(
  sources: Sources,
  { joint, independent }: Readonly<Record<keyof LeafRows, string>>,
): Promise<LeafRows & { readonly seeds: readonly number[] }> {
  const of = (model: string) =>
    ordered(sources.ensembles).filter((each) => modelOf(each) === model && each.meta.judged !== undefined);
  const others = of(independent);
  const pairs = of(joint).flatMap((each) => {
    const other = others.find((candidate) =>
      seedOf(candidate) === seedOf(each) && candidate.meta.testImages === each.meta.testImages
    );
    return other === undefined ? [] : [[each, other] as const];
  });
  const read = (side: 0 | 1) => Promise.all(pairs.map((pair) => judgedLeaves(pair[side], sources)));
  return { joint: await read(0), independent: await read(1), seeds: pairs.map(([each]) => seedOf(each)) };
}

async function judgedLeaves(artifact: Artifact<EnsembleMeta>, sources: Sources): Promise<JudgedLeaves> {
  const { dir, meta: { leaves, judged, mapImages } } = artifact;
  const { data: labels } = await readNpy(join(dir, "labels_test.npy"), "uint8");
  const { data } = await readNpy(join(dir, "predictions.npy"), "uint8");
  const right = (row: number) => labels.map((label, i) => data[row * labels.length + i] === label ? 1 : 0);
  const kinds = kindsOf(sources, modelOf(artifact)).find((each) => seedOf(each) === seedOf(artifact));
  return {
    single: Array.from({ length: leaves }, (_, leaf) => right(leaf)),
    concatenated: right(leaves),
    averaged: right(leaves + 1),
    similarity: judged!.teacher.similarity,
    ...mapImages >= LEAST_MAPPED && { overlap: judged!.teacher.overlap.spearman },
    gains: kinds?.meta.each?.map(({ gains, gainErrors }) => ({ gains, errors: gainErrors })),
  };
}

/** Trees of one row by the kinds of their leaves. */
export function treesOf(sources: Sources, model: string): readonly KindsOfTree[] {
  return kindsOf(sources, model).flatMap(({ meta: { categories, power } }) => {
    if (categories === null) return [];
    const count = (kind: Kind) =>
      Object.entries(categories).filter(([name]) => name.endsWith(kind))
        .reduce((sum, [, leaves]) => sum + leaves, 0);
    const leaves = {
      specialist: count("specialist"),
      generalist: count("generalist"),
      failed: count("failed"),
    };
    return [{ leaves, power: power?.oneClass?.atThree ?? 0 }];
  });
}

function kindsOf(sources: Sources, model: string): readonly Artifact<LeafKindsRead>[] {
  const all = artifactsOf("saliency", sources) as readonly Artifact<LeafKindsRead>[];
  return all.filter((each) => modelOf(each) === model);
}
