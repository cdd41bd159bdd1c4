/**
 * Captions of Figures 3 and 4: the number of leaves of each kind in a model, the tests that decided it, and
 * the kinds that are empty.
 *
 * @module
 */
import type { Artifact } from "../../pipeline/stage.ts";
import type { SaliencyMeta } from "./params.ts";
import type { Rule } from "../../treenet/saliency/leaves/categories.ts";
import { compact, listed, percent, plural } from "../../formats/written_numbers.ts";
import { from } from "../section.ts";

export const ruleText = "[a rule fixed beforehand](../../docs/recipe.md#saliency-and-leaf-categories)";

/** Caption of Figure 3. */
export function overlayCaption({ task, meta }: Artifact<SaliencyMeta>): string {
  const images = from(task, plural(meta.figureImages, "test image"));
  const maps =
    `Gradients of the sum of the head's outputs with respect to the pixels, as released, on ${images}`;
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
  return [
    "A leaf has failed unless its probe is right more often than that of the same leaf before training (McNemar), or if its",
    `input dependence is under ${compact(rule.minDependence, 2)} or its effective rank under ${
      compact(rule.minRank)
    }.`,
    "Otherwise it is a specialist if its gains in AUROC stand out on some classes more than an even learner's and are on those",
    `at least ${compact(rule.minRatio)} times as large as on the others. Every test is at ${
      percent(rule.level)
    }% for all leaves of`,
    "the tree together (Holm). One half of the test images decides; the images shown and the numbers beside them are of the",
    "other.",
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
    "than between classes, more than permuted labels would have it. Beside a leaf: the class it gained most on since before",
    `training and that gain in AUROC, against all other classes, on the ${
      from(task, plural(meta.effects?.images ?? 0, "test image"))
    } that had no part in the choice, ± half of its 95% interval (paired with the same leaf before training, DeLong et al. 1988; of`,
    `test images alone, not corrected for the number of leaves); and how its maps follow, on ${images} of that half.`,
  ].join(" ");
}
