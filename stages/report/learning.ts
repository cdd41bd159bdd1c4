/**
 * The section on accuracy by the number of images seen.
 *
 * @module
 */
import type { Artifact } from "../../pipeline/types.ts";
import type { CurveMeta } from "../curve.ts";
import { wilsonInterval } from "../treenet/probe/metrics.ts";
import type { CrossedMean } from "../treenet/statistics/crossed.ts";
import type { Curve } from "./curves.ts";
import type { Drawn } from "./figures.ts";
import { from, image, joined, table } from "./markdown.ts";
import { range } from "./measures.ts";
import { compact, listed, percent, plural, points, thousands } from "./numbers.ts";
import { modelTitle } from "./poster.ts";
import { modelOf, ordered, seedOf, type Sources } from "./sources.ts";
import { pointsRange } from "./verdict.ts";

/** The curves in order, their picture, and the change from the first point of each to its last. */
export interface Learned {
  readonly curves: readonly Curve[];
  readonly picture: Drawn;
  readonly changes: readonly Changes[];
}

/** Last − first accuracy, on the same test images. */
export interface Changes {
  readonly embedding: CrossedMean;
  /** Change of the leaves' probe, for nets with several leaves. */
  readonly leaves?: CrossedMean;
}

/**
 * The section.
 *
 * @param options.buffered models with running statistics, marked as in Table 1
 */
export function learningSection(
  sources: Sources,
  { learned, buffered }: { readonly learned?: Learned; readonly buffered: readonly string[] },
): string | undefined {
  if (learned === undefined) return undefined;
  const { picture } = learned;
  const artifacts = ordered(sources.learning);
  return joined([
    "## Learning curves",
    image("Accuracy of linear and k-NN probes and RankMe over images seen", picture.png),
    `*Learning curves.* The initial weights, teachers kept on the way and the last one: ${
      listed(artifacts.map(({ task }) => from(task, `\`${task}\``)))
    }. Linear: logistic regression on the embedding and on the outputs of all leaves side by side. ${
      counts(artifacts)
    } These are fewer than Table 1's, and the fit is looser, so the numbers are not Table 1's ` +
    "([recipe](../../docs/recipe.md#learning-curves)). Bars, side by side: 95% of each accuracy by itself (Wilson), over the images " +
    "it was counted on; points of one line share those images, so their differences are known better than the bars " +
    `look, as below. As [SVG](${picture.svg}) and [data](${picture.csv}).`,
    endsTable(artifacts, { learned, buffered }),
    "*From the first point of every curve to its last*, per cent of the test images with the 95% interval of each " +
    "(Wilson); the change in points, image by image on the same images, with its own 95% interval, of resampled " +
    "images alone. L2: the penalty that validation chose for the embedding and for the leaf outputs, at the first " +
    `point and at the last. ${edges(artifacts)}`,
    buffered.length === 0
      ? undefined
      : "† With BatchNorm: the change may be that of [running statistics](#known-differences-between-rows) alone.",
  ]);
}

/** Numbers of images of each part of a curve, equal for all runs of a profile. */
function counts([first]: readonly Artifact<CurveMeta>[]): string {
  const { task, meta: { fitted, validated, tested } } = first;
  const [fit, validation, test] = [fitted, validated, tested].map((count) => from(task, thousands(count)));
  return `Fitted on ${fit} training images, validated on ${validation} others, tested on ${test} test images.`;
}

function endsTable(
  artifacts: readonly Artifact<CurveMeta>[],
  { learned, buffered }: { readonly learned: Learned; readonly buffered: readonly string[] },
): string {
  const rows = artifacts.map((artifact, i) => {
    const { task, meta } = artifact;
    const [first, last] = [meta.points[0], meta.points[meta.points.length - 1]];
    const { embedding, leaves } = learned.changes[i];
    const model = modelOf(artifact);
    return [
      buffered.includes(model) ? `${modelTitle(model)} †` : modelTitle(model),
      String(seedOf(artifact)),
      from(task, thousands(last.images)),
      ends([first.test_linear, last.test_linear], meta),
      change(embedding),
      ends([first.test_linear_leaves, last.test_linear_leaves], meta),
      leaves === undefined ? "–" : change(leaves),
      `${penalties(first)} → ${penalties(last)}`,
    ];
  });
  const header = ["Type", "Seed", "Images seen", "Embedding", "Change", "Leaf outputs", "Change", "L2"];
  return table(header, rows, { align: "lrrrrrrr" });
}

function ends(shares: readonly (number | null)[], { tested }: CurveMeta): string {
  return shares.includes(null) ? "–" : shares.map((share) => {
    return `${percent(share!)} (${range(wilsonInterval(share!, tested))})`;
  }).join(" → ");
}

function change({ mean, interval }: CrossedMean): string {
  return `${points(mean)} (${pointsRange(interval)})`;
}

function penalties({ l2, l2_leaves }: CurveMeta["points"][number]): string {
  return [l2, ...l2_leaves === null ? [] : [l2_leaves]].map((value) => compact(value)).join(", ");
}

/** Numbers of choices at the ends of the penalties tried: beyond an end a better one may exist. */
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
