/**
 * Captions of Figures 3 and 4: the number of leaves of each kind in a model, the tests that decided it, and
 * the kinds that are empty.
 *
 * @module
 */
import type { Artifact } from "../../pipeline/stage.ts";
import type { SaliencyMeta } from "./params.ts";
import { CATEGORIES, type Rule } from "../../treenet/saliency/leaves/categories.ts";
import type { WorstLesion } from "../../treenet/saliency/leaves/lesion.ts";
import { joined, table } from "../../formats/markdown.ts";
import { capital, compact, listed, percent, plural } from "../../formats/written_numbers.ts";
import { from, type Page, seedOf } from "../section.ts";

const ruleText = "[a rule fixed beforehand](../../docs/recipe.md#saliency-and-leaf-categories)";

/** Caption of Figure 3. */
export function overlayCaption({ task, meta }: Artifact<SaliencyMeta>): string {
  const images = from(task, plural(meta.figureImages, "test image"));
  const maps = `Gradients of the output with respect to the pixels, on ${images}`;
  if (meta.categories === null || meta.rule === null) {
    return `${maps}, through the net's only path: it has no leaves to tell apart.`;
  }
  const leaves = from(task, plural(meta.leaves, "leaf", "leaves"));
  const counts = Object.entries(meta.categories).map(([name, n]) => `${name} ${from(task, String(n))}`);
  const absent = listed(meta.figure3.absent.map((kind) => `a ${kind}`), "or");
  return [
    `${maps}, through one leaf at a time; a row lays one leaf of each kind over the others, as far as there is one,`,
    `each kind in a colour of its own.`,
    `The ${leaves} by ${ruleText}: ${counts.join(", ")}.`,
    ...absent === "" ? [] : [`No leaf is ${absent} here.`],
    tests(meta.rule),
  ].join(" ");
}

/** The rule's tests in this run. */
function tests(rule: Rule): string {
  const [mean, highest] = [rule.untrainedAccuracy.mean, rule.untrainedAccuracy.highest].map(percent);
  const [dependence, concentration] = [rule.minDependence, rule.minConcentration].map((x) => compact(x, 2));
  return [
    `A leaf has failed unless its single-leaf accuracy is above an untrained leaf's (${mean}% on average, ${highest}%`,
    `at most), or if its input dependence is under ${dependence} or its effective rank under`,
    `${
      compact(rule.minRank)
    }. Otherwise it is a specialist if the concentration of its gains, from 0 (even on all`,
    `classes) to 1 (on one), is above ${concentration}, which is an even gain on half of the classes, and above an even`,
    `learner's. Every test is at ${
      percent(rule.level)
    }% for all leaves of the tree together (Holm). One half of the`,
    "test images decides; the images shown and the numbers beside them are of the other.",
  ].join(" ");
}

/** Caption of Figure 4. */
export function singleCaption({ task, meta }: Artifact<SaliencyMeta>): string {
  if (meta.rule === null) return `Saliency maps of the net's only path, from ${from(task, `\`${task}\``)}.`;
  const { leaves, specialists } = meta.figure4;
  const one = leaves.length === 1;
  const names = `${one ? "leaf" : "leaves"} ${listed(leaves.map(({ leaf }) => String(leaf)))}`;
  const which = specialists
    ? `the most consistent specialist${one ? "" : "s"}, ${names}`
    : `the most consistent ${names}, as no leaf is a consistent specialist`;
  const images = from(task, plural(meta.images / 2, "test image"));
  const [correlation, overlap] = [meta.rule.minCorrelation, meta.rule.minOverlap].map((x) => compact(x, 2));
  return [
    `Saliency maps of ${which}. Consistent: on ${images} the maps follow flips and colour jitter (rank correlation of`,
    `at least ${correlation}, overlap of the brightest tenths of at least ${overlap}) and agree more within a class`,
    "than between classes, more than permuted labels would have it. Beside a leaf: the class it gained most on over",
    `untrained leaves and that gain in AUROC, against all other classes, on the ${
      from(task, plural(meta.effects?.images ?? 0, "test image"))
    } that had no part in the choice, ± half of its 95% interval (paired with the untrained leaves, DeLong et al. 1988; of`,
    `test images alone, not corrected for the number of leaves); and how its maps follow, on ${images} of that half.`,
  ].join(" ");
}

/** Leaves by category and what they are worth to the whole, a line a tree and seed; absent where there is no tree. */
export function leafTable(
  artifacts: readonly Artifact<SaliencyMeta>[],
  { title }: Page,
): string | undefined {
  const rows = artifacts.flatMap((artifact) => {
    const { task, meta: { leaves, categories, effects } } = artifact;
    if (categories === null || effects === null) return [];
    const cells = [
      String(leaves),
      ...CATEGORIES.map((category) => String(categories[category])),
      points(effects.lesion),
      worst(effects.worstLesion),
      points(effects.worstLesion.selection),
      `${effects.selectivity.toFixed(2)} (${effects.untrainedSelectivity.toFixed(2)})`,
    ];
    return [[
      title(artifact),
      String(seedOf(artifact)),
      ...cells.map((cell) => from(task, cell)),
    ]];
  });
  if (rows.length === 0) return undefined;
  return joined([
    "### Leaves by category",
    table(
      [
        "Tree",
        "Seed",
        "Leaves",
        ...CATEGORIES.map(capital),
        "Lesion, mean",
        "Leaf missed most",
        "where it was chosen",
        "Selectivity (untrained)",
      ],
      rows,
      { align: "lrrrrrrrrrr" },
    ),
    `Categories by ${ruleText}. Lesion: change in points of a linear probe of the embedding when one leaf's output is ` +
    `replaced by its mean, over leaves, on ${
      images(artifacts)
    }. The leaf missed most is chosen on one half of the test ` +
    "images and measured on the other, with the 95% interval of the paired change (test images alone); where it was chosen " +
    "it is the lowest of all leaves' and so too low, by as much as the two columns differ on average. Selectivity: of the leaves' pooled channels for one class, −1 to 1, mean over " +
    "leaves. Means are on images that had no part in any choice. Every measure of every leaf is in `leaves.csv`.",
  ]);
}

/** "leaf 3: −3.4 (−4.1 to −2.7)". */
function worst({ leaf, measurement, standardError }: WorstLesion): string {
  const [low, high] = [-1, 1].map((side) => points(measurement + side * NORMAL * standardError));
  return `leaf ${leaf}: ${points(measurement)} (${low} to ${high})`;
}

/** 97.5% point of the standard normal. */
const NORMAL = 1.96;

/** Number of images behind the means; the same for every tree of a run. */
function images(artifacts: readonly Artifact<SaliencyMeta>[]): string {
  const { task, meta } = artifacts.find(({ meta }) => meta.effects !== null)!;
  return from(task, plural(meta.effects!.images, "test image"));
}

/** −0.034 → "−3.4": points of a fraction. */
function points(change: number): string {
  return percent(change).replace("-", "−");
}
