/**
 * The report's section on a tree's leaves together: ensembles of them, each before and after training, their similarity.
 *
 * @module
 */
import type { Artifact } from "../../pipeline/stage.ts";
import type { Row as CsvRow } from "../../formats/csv.ts";
import { image, joined, table } from "../../formats/markdown.ts";
import { percent, plural, spread, thousands } from "../../formats/written_numbers.ts";
import { overSeeds } from "../../treenet/claims/estimates.ts";
import type { OfSize } from "../../treenet/ensemble/ensembles.ts";
import { ordinalFigure, type Series } from "../../treenet/figures/ordinal.ts";
import { scatterOfChange } from "../../treenet/figures/change_scatter.ts";
import { mean } from "../../treenet/saliency/quantile.ts";
import { alternatives, from, modelOf, type Page, type Section, seedOf, tasksOf } from "../section.ts";
import type { EnsembleMeta, LeavesFound } from "./params.ts";

/** An artifact of a tree. */
type Tree = Artifact<EnsembleMeta & Required<Pick<EnsembleMeta, "judged">>>;

const networks = ["teacher", "random"] as const;

export default {
  order: 35,
  async write(artifacts, page) {
    const trees = artifacts.filter((each): each is Tree => each.meta.judged !== undefined);
    if (trees.length === 0) return undefined;
    const own = trees.filter((tree) => isOwnType(tree, page));
    return joined([
      "## Leaves together",
      ...await ensembleFigure(own, page),
      ...await changeFigure(own, page),
      leavesTable(trees, page),
    ]);
  },
} satisfies Section<EnsembleMeta>;

/** The row bears its type's own name: variants would crowd the figures. */
function isOwnType(tree: Tree, page: Page): boolean {
  const { type } = page.settings(tree) as { readonly type?: string };
  return type === undefined || type === modelOf(tree);
}

const ways = {
  averaged: "Mean of the leaves' probabilities, per cent",
  concatenated: "One classifier of all outputs, per cent",
} as const;

async function ensembleFigure(trees: readonly Tree[], page: Page): Promise<readonly string[]> {
  const groups = Object.values(Object.groupBy(trees, modelOf)) as readonly (readonly Tree[])[];
  const sizes = [
    ...new Set(trees.flatMap(({ meta }) => meta.judged.teacher.sizes.map(({ leaves }) => leaves))),
  ]
    .sort((a, b) => a - b);
  const series = [
    ...groups.map((group) => seriesOf(group, { network: "teacher", sizes, title: page.title(group[0]) })),
    seriesOf(groups[0], { network: "random", sizes, title: `${page.title(groups[0][0])}, untrained` }),
  ];
  const title = "Accuracy against the number of leaves";
  const picture = await page.draw("leaves-together", {
    svg: ordinalFigure(series, { title, x: "leaves", values: sizes.map(String), panels: ways }),
    columns: ["model", "seed", "network", "leaves", "concatenated", "averaged"],
    rows: trees.flatMap(rowsOf),
  });
  const { task, meta: { trainImages, testImages } } = trees[0];
  return [
    image(title, picture.png),
    "*Accuracy against the number of leaves*, drawn at random: the mean over draws and seeds, with 95% intervals over seeds " +
    "where there are several. Classifiers are linear discriminants with a shrunk covariance, fitted on " +
    `${from(task, thousands(trainImages))} training images, judged on ${
      from(task, thousands(testImages))
    } test images ` +
    "([rule 3](../../docs/claims.md#rules)); one of all outputs gets wider with every leaf, a mean of probabilities does not, " +
    `so that only what it gains is owed to leaves that know different things.${alternatives(picture)}`,
  ];
}

function seriesOf(
  group: readonly Tree[],
  { network, sizes, title }: {
    readonly network: typeof networks[number];
    readonly sizes: readonly number[];
    readonly title: string;
  },
): Series {
  const bySeed = group.map(({ meta }) => meta.judged[network].sizes);
  const points = bySeed[0].map(({ leaves }, place) => {
    const measured = Object.keys(ways).map((way) => {
      const { mean: value, interval } = overSeeds(
        bySeed.map((sizes) => 100 * mean(sizes[place][way as keyof typeof ways])),
      );
      return [way, { value, ...bySeed.length > 1 && { interval } }] as const;
    });
    return { at: sizes.indexOf(leaves), measured: Object.fromEntries(measured) };
  });
  return { title, points };
}

function rowsOf(tree: Tree): readonly CsvRow[] {
  return networks.flatMap((network) =>
    tree.meta.judged[network].sizes.flatMap(({ leaves, concatenated, averaged }: OfSize) =>
      concatenated.map((accuracy, draw) => ({
        model: modelOf(tree),
        seed: seedOf(tree),
        network,
        leaves,
        concatenated: accuracy,
        averaged: averaged[draw],
      }))
    )
  );
}

async function changeFigure(trees: readonly Tree[], page: Page): Promise<readonly string[]> {
  const leaves = trees.flatMap((tree) =>
    tree.meta.judged.teacher.single.map((after, leaf) => ({
      model: modelOf(tree),
      title: page.title(tree),
      seed: seedOf(tree),
      leaf,
      before: tree.meta.judged.random.single[leaf],
      after,
    }))
  );
  const title = "Accuracy of single leaves, before and after training";
  const picture = await page.draw("single-leaves", {
    svg: scatterOfChange(leaves, { title, unit: "per cent" }),
    columns: ["model", "seed", "leaf", "before", "after"],
    rows: leaves.map(({ title: _, ...leaf }) => leaf),
  });
  return [
    image(title, picture.png),
    `*Single leaves*, ${plural(leaves.length, "leaf", "leaves")} of ${
      tasksOf(trees)
    }: a point above the line is a leaf ` +
    `that knows more after training than with its own initial weights.${alternatives(picture)}`,
  ];
}

/** Means over seeds. */
function leavesTable(trees: readonly Tree[], page: Page): string {
  const groups = Object.values(Object.groupBy(trees, modelOf)) as readonly (readonly Tree[])[];
  const rows = groups.map((group) => {
    const cell = (of: (found: LeavesFound) => number | null, shown: (value: number) => string) => {
      const ends = networks.toReversed().map((network) => {
        const values = group.map(({ meta }) => of(meta.judged[network]) ?? NaN);
        const { mean, sd } = spread(values);
        return `${shown(mean)}${sd === undefined ? "" : ` ± ${shown(sd)}`}`;
      });
      return from(group[0].task, ends.join(" → "));
    };
    const short = (value: number) => value.toFixed(2).replace("-", "−");
    return [
      page.title(group[0]),
      thousands(group.length),
      cell(({ single }) => mean(single), percent),
      cell(({ averaged }) => averaged, percent),
      cell(({ concatenated }) => concatenated, percent),
      cell(({ similarity }) => similarity, short),
      cell(({ overlap }) => overlap.spearman, short),
      cell(({ overlap }) => overlap.iou, short),
    ];
  });
  const header = [
    "Type",
    "Seeds",
    "Mean leaf",
    "Mean of probabilities",
    "All outputs",
    "CKA",
    "Maps, ρ",
    "Maps, IoU",
  ];
  return joined([
    table(header, rows, { align: "lrrrrrrr" }),
    "*Leaves before → after training*, mean ± sample SD over seeds. Accuracies in per cent. CKA: debiased linear centred kernel " +
    "alignment of the outputs of two leaves on the test images, mean over pairs. Maps: overlap of two leaves' maps of one " +
    `image, mean over pairs and ${from(trees[0].task, thousands(trees[0].meta.mapImages))} images. ` +
    "See [the rules](../../docs/claims.md#rules).",
  ]);
}
