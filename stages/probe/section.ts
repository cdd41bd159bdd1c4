/**
 * The report's section of how the probes of Table 1 were fitted: penalties with their cross-validation, and the layers
 * of the released probe.
 *
 * @module
 */
import type { Artifact } from "../../pipeline/stage.ts";
import { details, joined, table } from "../../formats/markdown.ts";
import { compact, listed, percent, spread, thousands } from "../../formats/written_numbers.ts";
import type { LinearResult, ReleasedResult } from "../../treenet/probe/evaluation.ts";
import { from, modelOf, type Page, type Section } from "../section.ts";
import type { ProbeMeta } from "./params.ts";

export default {
  order: 65,
  write(artifacts, page) {
    const models = [...Map.groupBy(artifacts, modelOf).values()];
    const fits = models.flatMap((group) => fitsOf(group, page));
    return Promise.resolve(joined([
      "## How the probes were fitted",
      table(
        ["Type", "Features", "L2", "by each fold alone", "At an end of the range", "Accuracy, held out"],
        fits.map(choiceRow),
        { align: "lllllr" },
      ),
      `*Our probe*: the penalty with the best accuracy over the folds of the training images, of each seed, and the ` +
      `accuracy on the images held out; what each fold alone would have chosen is in ` +
      `[the intervals](../../docs/verdict.md#intervals). At an end a better one may lie beyond it. No fit stopped ` +
      `at a gradient norm above ${
        compact(Math.max(...fits.flatMap(({ linear }) => linear.map((each) => each.gradientNorm))))
      }.`,
      details("Cross-validation of every penalty", curveTable(fits)),
      table(
        ["Type", "Pixels", "Accuracy", "SD over layers", "Epochs"],
        models.flatMap((group) => releasedRows(group, page)),
        { align: "llrrr" },
      ),
      "*Released probe*: mean over the seeds of its layer and of the network, the SD over those of its layer (mean over " +
      "those of the network), and the epochs that it ran until five in a row brought no gain.",
    ]));
  },
} satisfies Section<ProbeMeta>;

/** Probes of one kind of features of a model, over its seeds. */
interface Fits {
  readonly title: string;
  readonly features: string;
  readonly task: string;
  readonly linear: readonly LinearResult[];
}

function fitsOf(artifacts: readonly Artifact<ProbeMeta>[], page: Page): readonly Fits[] {
  const [{ task }] = artifacts, title = page.title(artifacts[0]);
  const found = (features: string, of: (meta: ProbeMeta) => LinearResult | undefined): readonly Fits[] => {
    const linear = artifacts.map(({ meta }) => of(meta)).filter((each) => each !== undefined);
    return linear.length === 0 ? [] : [{ title, features, task, linear }];
  };
  return [
    ...found("trained", ({ teacher }) => teacher.linear),
    ...found("random init", ({ random }) => random.linear),
    ...found("trained, raw pixels in", ({ raw }) => raw?.linear),
  ];
}

function choiceRow({ title, features, task, linear }: Fits): readonly string[] {
  const held = linear.map(({ l2, path }) => path.find((each) => each.l2 === l2)!.accuracy);
  return [
    title,
    features,
    from(task, distinct(linear.map(({ l2 }) => l2))),
    distinct(linear.flatMap(({ foldwise }) => foldwise)),
    listed([...new Set(linear.map(endOf))]),
    percent(spread(held).mean),
  ];
}

/** The end of the range of penalties that was chosen, if one was. */
function endOf({ l2, path }: LinearResult): string {
  if (path.length > 1 && l2 === path[0].l2) return "strongest";
  return path.length > 1 && l2 === path[path.length - 1].l2 ? "weakest" : "no";
}

/** Mean accuracies on the images held out, a row a kind of features and a column a penalty. */
function curveTable(fits: readonly Fits[]): string {
  const every = fits.flatMap(({ linear }) => linear.flatMap(({ path }) => path.map(({ l2 }) => l2)));
  const tried = [...new Set(every)].sort((a, b) => b - a);
  const rows = fits.map(({ title, features, linear }) => [
    `${title}, ${features}`,
    ...tried.map((l2) => {
      const found = linear.flatMap(({ path }) => path.filter((each) => each.l2 === l2));
      return found.length === 0 ? "–" : percent(spread(found.map(({ accuracy }) => accuracy)).mean);
    }),
  ]);
  const header = ["L2", ...tried.map((l2) => compact(l2, 2))];
  return table(header, rows, { align: `l${"r".repeat(tried.length)}` });
}

function releasedRows(artifacts: readonly Artifact<ProbeMeta>[], page: Page): readonly (readonly string[])[] {
  const [{ task }] = artifacts;
  const row = (pixels: string, of: (meta: ProbeMeta) => ReleasedResult | undefined) => {
    const found = artifacts.map(({ meta }) => of(meta)).filter((each) => each !== undefined);
    if (found.length === 0) return [];
    const mean = (values: readonly number[]) => spread(values).mean;
    const epochs = found.flatMap(({ layers }) => layers.map((layer) => layer.epochs));
    const sds = found.map(({ layers }) => spread(layers.map(({ accuracy }) => accuracy)).sd);
    return [[
      page.title(artifacts[0]),
      pixels,
      from(task, percent(mean(found.map(({ accuracy }) => accuracy)))),
      sds.includes(undefined) ? "–" : percent(mean(sds as number[])),
      [...new Set([Math.min(...epochs), Math.max(...epochs)])].map(thousands).join("–"),
    ]];
  };
  return [
    ...row("normalised", ({ released }) => released.normalised),
    ...row("0 to 255", ({ released }) => released.raw),
  ];
}

function distinct(values: readonly number[]): string {
  return [...new Set(values)].sort((a, b) => a - b).map((value) => compact(value, 2)).join(", ");
}
