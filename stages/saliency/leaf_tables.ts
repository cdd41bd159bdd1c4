/**
 * Tables of leaves: how many there are of each category in a tree, every leaf beside itself before training, and the effects
 * that the rule finds.
 *
 * @module
 */
import type { Artifact } from "../../pipeline/stage.ts";
import { details, joined, table } from "../../formats/markdown.ts";
import { capital, compact, listed, percent, plural, points } from "../../formats/written_numbers.ts";
import { classes } from "../../treenet/figures/palette.ts";
import { CATEGORIES, type Rule } from "../../treenet/saliency/leaves/categories.ts";
import type { WorstLesion } from "../../treenet/saliency/leaves/lesion.ts";
import type { SpecialistPower } from "../../treenet/saliency/leaves/power.ts";
import type { Tested } from "../../treenet/saliency/leaves/significance.ts";
import { from, type Page, seedOf } from "../section.ts";
import { ruleText } from "./leaf_captions.ts";
import type { LeafSummary, SaliencyMeta } from "./params.ts";

/** A tree, whose findings on leaves are there. */
type Tree = Artifact<
  & Omit<SaliencyMeta, "categories" | "rule" | "power" | "each" | "effects">
  & { readonly [K in "categories" | "rule" | "power" | "each" | "effects"]: NonNullable<SaliencyMeta[K]> }
>;

/** All tables; absent where there is no tree. */
export function leafTables(artifacts: readonly Artifact<SaliencyMeta>[], page: Page): string | undefined {
  const trees = artifacts.filter((artifact): artifact is Tree => artifact.meta.each !== null);
  if (trees.length === 0) return undefined;
  return joined([
    "### Leaves by category",
    categoryTable(trees, page),
    powerTable(trees, page),
    ...page.firstSeeds(trees).map((tree) =>
      details(`Every leaf of ${page.title(tree)}, seed ${seedOf(tree)}`, eachTable(tree))
    ),
  ]);
}

function categoryTable(trees: readonly Tree[], { title }: Page): string {
  const rows = trees.map((tree) => {
    const { task, meta: { leaves, categories, effects, each } } = tree;
    const mean = (of: "after" | "before") =>
      percent(each.reduce((sum, { accuracy }) => sum + accuracy[of], 0) / each.length);
    const cells = [
      String(leaves),
      ...CATEGORIES.map((category) => String(categories[category])),
      `${mean("before")} → ${mean("after")}`,
      points(effects.lesion),
      worst(effects.worstLesion),
      points(effects.worstLesion.selection),
      `${effects.selectivity.toFixed(2)} (${effects.untrainedSelectivity.toFixed(2)})`,
    ];
    return [title(tree), String(seedOf(tree)), ...cells.map((cell) => from(task, cell))];
  });
  const header = [
    "Tree",
    "Seed",
    "Leaves",
    ...CATEGORIES.map(capital),
    "Single leaf, before → after",
    "Lesion, mean",
    "Leaf missed most",
    "where it was chosen",
    "Selectivity (untrained)",
  ];
  return joined([
    table(header, rows, { align: "lrrrrrrrrrrr" }),
    `Categories by ${ruleText}. Single leaf: accuracy of a probe of one leaf's outputs, mean over leaves, before training and ` +
    "after. Lesion: change in points of a linear probe of the embedding when one leaf's output is " +
    `replaced by its mean, over leaves, on ${
      images(trees)
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
function images([{ task, meta: { effects } }]: readonly Tree[]): string {
  return from(task, plural(effects.images, "test image"));
}

function powerTable(trees: readonly Tree[], { title }: Page): string {
  const rows = trees.map((tree) => {
    const { task, meta: { power } } = tree;
    const cells = [
      points(power.accuracy),
      power.meanGain === null ? "–" : power.meanGain.toFixed(3),
      ...specialistCells(power.oneClass),
      ...specialistCells(power.vehicles),
    ];
    return [title(tree), String(seedOf(tree)), ...cells.map((cell) => from(task, cell))];
  });
  const header = [
    "Tree",
    "Seed",
    "Accuracy, points",
    "Mean gain",
    ...["One class", "Vehicles"].flatMap((of) => [`${of}: times`, "found at three times", "gain needed"]),
  ];
  return joined([
    table(header, rows, { align: "lrrrrrrrrr" }),
    "What the rule can find with these images and leaves, in 80% of the cases, at Holm's strictest level. Accuracy: a leaf's gain " +
    "over itself before training that is not taken for a failure. Mean gain: in AUROC, of the leaves that learned, over classes. " +
    "Times: how many times as much as on the other classes a leaf with that mean gain must gain on one class (averaged over " +
    "which), or on the four vehicles, to be called a specialist; then the share of such leaves found at three times as much, and " +
    "the mean gain with which 80% of them are.",
  ]);
}

function specialistCells(power: SpecialistPower | null): readonly string[] {
  if (power === null) return ["–", "–", "–"];
  const { ratio, atThree, meanGain } = power;
  return [
    ratio === null ? "not found" : compact(ratio, 2),
    `${percent(atThree)}%`,
    meanGain === null ? "not found" : meanGain.toFixed(3),
  ];
}

function eachTable({ task, meta: { each, rule } }: Tree): string {
  const header = [
    "Leaf",
    "Category",
    "Before",
    "After",
    "p",
    "Gained on",
    "Gain there",
    "elsewhere",
    "p",
    "Maps, p",
  ];
  return joined([
    table(header, each.map((leaf) => leafCells(leaf, rule)), { align: "rlrrrlrrrr" }),
    `From ${
      from(task, `\`${task}\``)
    }. Before and after: accuracy of the single-leaf probe, %, before training and after, and McNemar's p that it is right more often. Gained on: the ` +
    "classes whose gains in AUROC stand out most, mean gains on them and on the others, and the p of an even learner. Maps: p that " +
    "they agree more within a class than between. Classes are chosen, and all p are, by one half of the test images, corrected for " +
    "the number of leaves (Holm); the other numbers are of the other half.",
  ]);
}

function leafCells(leaf: LeafSummary, rule: Rule): readonly string[] {
  const { accuracy, tests, favoured, favouredGain, othersGain } = leaf;
  return [
    String(leaf.leaf),
    leaf.category,
    percent(accuracy.before),
    percent(accuracy.after),
    pOf(tests.learned),
    listed(favoured.map((label) => classes[label].name)),
    signed(favouredGain),
    signed(othersGain),
    pOf(tests.uneven, rule.draws),
    pOf(tests.agreeing, rule.permutations),
  ];
}

/** "0.012"; "< 0.0008" where no draw reached the value, as then p is only known to be smaller. */
function pOf({ p, adjusted }: Tested, draws = Infinity): string {
  if (adjusted < SMALL) return `< ${SMALL}`;
  return p * (draws + 1) <= 1 ? `< ${compact(adjusted, 2)}` : compact(adjusted, 2);
}

const SMALL = 0.0001;

function signed(gain: number): string {
  return `${gain < 0 ? "−" : "+"}${Math.abs(gain).toFixed(3)}`;
}
