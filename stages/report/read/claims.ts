/**
 * The claims of the poster, judged on the artifacts of a run by the rules of docs/claims.md.
 *
 * @module
 */
import type { Row as CsvRow } from "../../../formats/csv.ts";
import { rounded } from "../../../formats/written_numbers.ts";
import {
  type Claim,
  claimOf,
  type Difference,
  leastSeeds,
  type Part,
} from "../../../treenet/claims/claim.ts";
import { decompositionClaim, ensembleClaim, mapsClaim } from "../../../treenet/claims/decomposition.ts";
import { crossedEstimate, type Estimate, overSeeds } from "../../../treenet/claims/estimates.ts";
import { parametersClaim } from "../../../treenet/claims/fewer_parameters.ts";
import { kindsClaim } from "../../../treenet/claims/three_kinds.ts";
import { crossedMean } from "../../../treenet/statistics/crossed.ts";
import type { EnsembleMeta } from "../../ensemble/params.ts";
import { modelOf, seedOf } from "../../section.ts";
import type { UmapMeta } from "../../umap/params.ts";
import { type Answers, answersOf, controlled, probed } from "./answers.ts";
import { compare, type Comparison } from "./comparisons.ts";
import { controlRows } from "./control_rows.ts";
import { leafRows, treesOf } from "./leaf_rows.ts";
import { modelTitle } from "./poster.ts";
import type { Settings } from "./settings.ts";
import { artifactsOf, type ProbeMeta, type Sources } from "./sources.ts";
import { studyOf } from "./study_of_leaves.ts";
import { neighbours } from "./table_measures.ts";

/** A quantity that is shown beside a claim and decides nothing. */
export interface Aside extends Pick<Part, "quantity" | "unit"> {
  readonly estimate: Estimate;
  /** Stage whose artifacts hold it. @default that of the claim */
  readonly stage?: string;
}

/** A claim with the rows it is about. */
export interface Judged extends Claim {
  readonly title: string;
  /** Rows that decide, the claim's own first. */
  readonly rows: readonly string[];
  /** Stages whose artifacts hold the parts; the last one all further parts. */
  readonly stages: readonly string[];
  readonly beside: readonly Aside[];
}

export interface ClaimSources {
  readonly sources: Sources;
  readonly settings: Settings;
  readonly answers?: Answers;
}

const trees = { joint: "dense-join", independent: "independent-leaves" };
const order = ["dense-join", "avg-join", "cnn"];

/** All claims, in the order of docs/claims.md. */
export async function claimsOf(from: ClaimSources): Promise<readonly Judged[]> {
  const { sources } = from;
  const leaves = await leafRows(sources, trees);
  const ofLeaves = { rows: Object.values(trees), stages: ["ensemble"], beside: [] };
  return [
    {
      title: "Superior accuracy, in this order: DenseJoin, AvgJoin, CNN",
      rows: order,
      stages: ["probe"],
      ...claimOf(steps(from, "released"), leastSeeds.ranked),
      beside: [
        ...measured(
          steps(from, "linear").map((step) => ({ ...step, quantity: `${step.quantity}, our probe` })),
        ),
        ...patches(from),
      ],
    },
    {
      title: "Fewer parameters for it",
      rows: [trees.joint],
      stages: ["probe"],
      ...parametersClaim(await studyOf(trees.joint, from)),
      beside: measured(parametersClaim(await studyOf("avg-join", from)).parts)
        .map((part) => ({ ...part, quantity: `AvgJoin, ${part.quantity}` })),
    },
    { title: "Robust representations from an ensemble", ...ofLeaves, ...ensembleClaim(leaves) },
    {
      title: "Decomposition arises from disconnected pathways",
      ...ofLeaves,
      stages: ["saliency", "ensemble"],
      ...decompositionClaim(leaves),
    },
    {
      title: "Compositional maps",
      ...ofLeaves,
      ...mapsClaim(leaves),
      beside: measured([brightestTenths(sources)]),
    },
    {
      title: "Specialists, generalists and failed learners",
      rows: [trees.joint],
      stages: ["saliency"],
      ...kindsClaim(treesOf(sources, trees.joint)),
      beside: [],
    },
    {
      title: "DenseJoin's features are better separated",
      rows: order.slice(0, 2),
      stages: ["probe", "umap"],
      ...claimOf(separation(sources, "avg-join"), leastSeeds.ranked),
      beside: measured(separation(sources, "cnn")).map((aside, at) => ({
        ...aside,
        stage: ["probe", "umap"][at],
      })),
    },
  ];
}

function measured(parts: readonly Difference[]): readonly Aside[] {
  return parts.flatMap(({ quantity, unit = "points", estimate }) =>
    estimate === undefined ? [] : [{ quantity, unit, estimate }]
  );
}

/** 1: each row against the next. */
function steps({ answers }: ClaimSources, probe: Comparison["probe"]): readonly Difference[] {
  const side = (model: string) => ({
    name: model,
    id: probed(model, probe === "released" ? "released-raw" : "teacher"),
  });
  return order.slice(1).map((worse, at) => {
    const better = order[at];
    const found = answers && compare(answers, { kind: "step", a: side(better), b: side(worse), probe });
    const estimate = found && crossedEstimate(found.difference, found.seeds.length);
    return { quantity: `${modelTitle(better)} − ${modelTitle(worse)}`, estimate };
  });
}

/** Accuracy of features that no network was trained for. */
function patches({ sources, answers }: ClaimSources): readonly Aside[] {
  const rows = controlRows(sources.controls).filter(({ name }) => name.startsWith("patches"));
  return rows.flatMap(({ title, row }) => {
    const right = answers && answersOf(answers, controlled(row));
    if (right === undefined) return [];
    return [{
      quantity: title,
      unit: "share",
      estimate: crossedEstimate(crossedMean(right), right.seeds),
      stage: "controls",
    }];
  });
}

/** 5: the other measure of overlap. */
function brightestTenths(sources: Sources): Difference {
  const estimate = between<EnsembleMeta>(sources, {
    stage: "ensemble",
    rows: Object.values(trees),
    of: ({ judged }) => judged?.teacher.overlap.iou,
  });
  return { quantity: "overlap of brightest tenths: joint − independent", unit: "none", estimate };
}

/** 7: neighbours and silhouette in the embedding itself, DenseJoin against another row. */
function separation(sources: Sources, other: string): readonly Difference[] {
  const rows = ["dense-join", other], pair = rows.map(modelTitle).join(" − ");
  const knn = between<ProbeMeta>(sources, {
    stage: "probe",
    rows,
    of: ({ teacher }) => teacher.knn[neighbours],
  });
  const silhouette = between<UmapMeta>(sources, {
    stage: "umap",
    rows,
    of: ({ teacher }) => teacher.mean.silhouette.native,
  });
  return [
    { quantity: `k-NN accuracy: ${pair}`, estimate: knn },
    { quantity: `silhouette: ${pair}`, unit: "none", estimate: silhouette },
  ];
}

/** Difference of one value a seed between two rows, over the seeds that both have; undefined where there is none. */
function between<Meta>(
  sources: Sources,
  { stage, rows, of }: {
    readonly stage: string;
    readonly rows: readonly string[];
    readonly of: (meta: Meta) => number | undefined;
  },
): Estimate | undefined {
  const [a, b] = rows.map((model) => {
    const own = artifactsOf(stage, sources).filter((each) => modelOf(each) === model);
    return new Map(own.map((each) => [seedOf(each), of(each.meta as Meta)]));
  });
  const found = [...a].map(([seed, value]) => (value ?? NaN) - (b.get(seed) ?? NaN)).filter(Number.isFinite);
  return found.length === 0 ? undefined : overSeeds(found);
}

/** Column order of `claims.csv`. */
export const claimsColumns = [
  "claim",
  "part",
  "quantity",
  "seeds",
  "value",
  "low",
  "high",
  "part_outcome",
  "outcome",
] as const;

/** Rows of `claims.csv`, one a part: differences of accuracies as fractions. */
export function claimsRows(claims: readonly Judged[]): CsvRow[] {
  const finite = (value: number | undefined) =>
    value === undefined || !Number.isFinite(value) ? null : rounded(value);
  return claims.flatMap(({ parts, outcome }, at) => {
    const shown = parts.length === 0 ? [undefined] : parts;
    return shown.map((part, i): CsvRow => ({
      claim: at + 1,
      part: "abcdefghijklmnopqrstuvwxyz"[i],
      quantity: part?.quantity ?? "",
      seeds: part?.estimate?.seeds ?? 0,
      value: finite(part?.estimate?.mean),
      low: finite(part?.estimate?.interval[0]),
      high: finite(part?.estimate?.interval[1]),
      part_outcome: part?.outcome ?? outcome,
      outcome,
    }));
  });
}
