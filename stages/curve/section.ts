/**
 * The report's section of learning curves: accuracy against images seen.
 *
 * @module
 */
import type { Artifact } from "../../pipeline/stage.ts";
import { image, joined, table } from "../../formats/markdown.ts";
import {
  compact,
  listed,
  percent,
  percentRange,
  plural,
  points,
  pointsRange,
  thousands,
} from "../../formats/written_numbers.ts";
import { alternatives, from, type Page, type Section, seedOf, tasksOf } from "../section.ts";
import { wilsonInterval } from "../../treenet/probe/metrics.ts";
import type { CrossedMean } from "../../treenet/statistics/crossed.ts";
import { learningQuantities, readChanges, readLearning } from "./learned.ts";
import type { CurveMeta } from "./params.ts";

export default {
  order: 70,
  async write(artifacts, page) {
    const picture = await page.drawCurves("learning", {
      title: "What was learned, by images seen",
      curves: await Promise.all(artifacts.map((artifact) => readLearning(artifact, page))),
      quantities: learningQuantities,
    });
    return joined([
      "## Learning curves",
      image("Accuracy of linear and k-NN probes and RankMe over images seen", picture.png),
      `*Learning curves.* The initial weights, teachers kept on the way and the last one: ${
        tasksOf(artifacts)
      }. Linear: logistic regression on the embedding and on the outputs of all leaves side by side. ${
        counts(artifacts)
      } These are fewer than Table 1's, and the fit is looser, so the numbers are not Table 1's ` +
      "([recipe](../../docs/recipe.md#learning-curves)). Bars, side by side: 95% of each accuracy by itself (Wilson), over the images " +
      "it was counted on; points of one line share those images, so their differences are known better than the bars " +
      `look, as below.${alternatives(picture)}`,
      await endsTable(artifacts, page),
      "*From the first point of every curve to its last*, per cent of the test images with the 95% interval of each " +
      "(Wilson); the change in points, image by image on the same images, with its own 95% interval, of resampled " +
      "images alone. L2: the penalty that validation chose for the embedding and for the leaf outputs, at the first " +
      `point and at the last. ${edges(artifacts)}`,
      artifacts.some(page.isMarked)
        ? "† With BatchNorm: the change may be that of [running statistics](#known-differences-between-rows) alone."
        : undefined,
    ]);
  },
} satisfies Section<CurveMeta>;

/** Numbers of images in each part of a curve; the same for every run of a profile. */
function counts([first]: readonly Artifact<CurveMeta>[]): string {
  const { task, meta: { fitted, validated, tested } } = first;
  const [fit, validation, test] = [fitted, validated, tested].map((count) => from(task, thousands(count)));
  return `Fitted on ${fit} training images, validated on ${validation} others, tested on ${test} test images.`;
}

async function endsTable(artifacts: readonly Artifact<CurveMeta>[], page: Page): Promise<string> {
  const rows = await Promise.all(artifacts.map(async (artifact) => {
    const { task, meta } = artifact;
    const [first, last] = [meta.points[0], meta.points[meta.points.length - 1]];
    const { embedding, leaves } = await readChanges(artifact);
    return [
      `${page.title(artifact)}${page.isMarked(artifact) ? " †" : ""}`,
      String(seedOf(artifact)),
      from(task, thousands(last.images)),
      ends([first.test_linear, last.test_linear], meta),
      change(embedding),
      ends([first.test_linear_leaves, last.test_linear_leaves], meta),
      leaves === undefined ? "–" : change(leaves),
      `${penalties(first)} → ${penalties(last)}`,
    ];
  }));
  const header = ["Type", "Seed", "Images seen", "Embedding", "Change", "Leaf outputs", "Change", "L2"];
  return table(header, rows, { align: "lrrrrrrr" });
}

function ends(shares: readonly (number | null)[], { tested }: CurveMeta): string {
  return shares.includes(null) ? "–" : shares.map((share) => {
    return `${percent(share!)} (${percentRange(wilsonInterval(share!, tested))})`;
  }).join(" → ");
}

function change({ mean, interval }: CrossedMean): string {
  return `${points(mean)} (${pointsRange(interval)})`;
}

function penalties({ l2, l2_leaves }: CurveMeta["points"][number]): string {
  return [l2, ...l2_leaves === null ? [] : [l2_leaves]].map((value) => compact(value)).join(", ");
}

/** Counts choices at either end of the penalties tried, beyond which a better one may lie. */
function edges(artifacts: readonly Artifact<CurveMeta>[]): string {
  const tried = [...artifacts[0].meta.penalties].sort((a, b) => a - b);
  if (tried.length === 1) return `Only ${compact(tried[0])} was tried.`;
  const chosen = artifacts.flatMap(({ meta }) => meta.points.flatMap(({ l2, l2_leaves }) => [l2, l2_leaves]))
    .filter((l2) => l2 !== null);
  const [weakest, strongest] = [tried[0], tried[tried.length - 1]]
    .map((end) => chosen.filter((l2) => l2 === end).length);
  return `Of ${listed(tried.map((l2) => compact(l2)))}, ${
    plural(chosen.length, "choice")
  } took the weakest ` +
    `${plural(weakest, "time")} and the strongest ${
      plural(strongest, "time")
    }; beyond an end there may be a better one.`;
}
