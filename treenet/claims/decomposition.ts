/**
 * Claims about the leaves of a tree that was trained as a whole, held against leaves that were trained independently: robust
 * representations from an ensemble, decomposition, compositional maps (3, 4 and 5 of docs/claims.md).
 *
 * @module
 */
import { type LeafGains, unevenness } from "../ensemble/unevenness.ts";
import { type Claim, claimOf, type Difference, leastSeeds } from "./claim.ts";
import { crossedMean } from "../statistics/crossed.ts";
import { crossedEstimate, type Estimate, overSeeds } from "./estimates.ts";

/** The leaves of one network, judged on the same images as all others. */
export interface JudgedLeaves {
  /** Per leaf, 1 where it is right: [m][N]. */
  readonly single: readonly Uint8Array[];
  /** The same of one classifier of all outputs, and of the mean of the leaves' probabilities: [N]. */
  readonly concatenated: Uint8Array;
  readonly averaged: Uint8Array;
  /** Mean CKA over pairs of leaves; null where there is none. */
  readonly similarity: number | null;
  /** Mean rank correlation of maps; absent where it is of fewer images than the rule asks for. */
  readonly overlap?: number;
  /** Gains of each leaf by class; absent where they were not measured. */
  readonly gains?: readonly LeafGains[];
}

/** A tree and its control, with the same seeds in the same order. */
export interface LeafRows {
  /** Trained as a whole. */
  readonly joint: readonly JudgedLeaves[];
  /** The same leaves, each with a head and a loss of its own. */
  readonly independent: readonly JudgedLeaves[];
}

/** 3: the leaves are an ensemble, and a better one than independent leaves. */
export function ensembleClaim({ joint, independent }: LeafRows): Claim {
  return claimOf([
    {
      quantity: "mean of the leaves' probabilities − mean leaf",
      estimate: crossed(joint.map(({ averaged, single }) => minusMeanLeaf(averaged, single))),
    },
    {
      quantity: "all leaf outputs: joint − independent",
      estimate: paired(joint, independent, ({ concatenated }) => Float64Array.from(concatenated)),
    },
  ], leastSeeds.control);
}

/** 4: what training together does to leaves is to take them apart. */
export function decompositionClaim({ joint, independent }: LeafRows): Claim {
  return claimOf([
    {
      quantity: "unevenness of gains: joint − independent",
      unit: "none",
      estimate: differences(joint, independent, ({ gains }) => gains && unevenness(gains)),
    },
    {
      quantity: "similarity between leaves: joint − independent",
      unit: "none",
      estimate: differences(joint, independent, ({ similarity }) => similarity ?? undefined),
      claimed: "below",
    },
    {
      quantity: "all leaf outputs − mean leaf: joint − independent",
      estimate: paired(joint, independent, ({ concatenated, single }) => minusMeanLeaf(concatenated, single)),
    },
  ], leastSeeds.control);
}

/** 5: leaves look at different parts of an image. */
export function mapsClaim({ joint, independent }: LeafRows): Claim {
  const difference: Difference = {
    quantity: "overlap of maps: joint − independent",
    unit: "none",
    estimate: differences(joint, independent, ({ overlap }) => overlap),
    claimed: "below",
  };
  return claimOf([difference], leastSeeds.control);
}

/** Right answers minus the share of the leaves that are right, image by image. */
function minusMeanLeaf(right: Uint8Array, single: readonly Uint8Array[]): Float64Array {
  return Float64Array.from(
    right,
    (value, i) => value - single.reduce((sum, leaf) => sum + leaf[i], 0) / single.length,
  );
}

function crossed(bySeed: readonly Float64Array[]): Estimate | undefined {
  if (bySeed.length === 0) return undefined;
  const values = Float64Array.from(bySeed.flatMap((row) => [...row])), seeds = bySeed.length;
  const images = values.length / seeds;
  return crossedEstimate(crossedMean({ values, seeds, repetitions: 1, images }), seeds);
}

/** Difference of values per image, seed by seed. */
function paired(
  joint: readonly JudgedLeaves[],
  independent: readonly JudgedLeaves[],
  of: (leaves: JudgedLeaves) => Float64Array,
): Estimate | undefined {
  return crossed(joint.map((leaves, seed) => {
    const other = of(independent[seed]);
    return of(leaves).map((value, i) => value - other[i]);
  }));
}

/** Difference of one value a seed; undefined where a seed has none, such as unevenness where no leaf gained. */
function differences(
  joint: readonly JudgedLeaves[],
  independent: readonly JudgedLeaves[],
  of: (leaves: JudgedLeaves) => number | undefined,
): Estimate | undefined {
  const found = joint.map((leaves, seed) => {
    const [a, b] = [of(leaves), of(independent[seed])];
    return (a ?? NaN) - (b ?? NaN);
  });
  return found.length > 0 && found.every(Number.isFinite) ? overSeeds(found) : undefined;
}
