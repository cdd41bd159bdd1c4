/**
 * The figure of what each leaf gained on each class.
 *
 * @module
 */
import { join } from "node:path";
import type { Artifact } from "../../pipeline/stage.ts";
import { readCsv } from "../../formats/csv.ts";
import { image } from "../../formats/markdown.ts";
import { type Cell, heatMaps, type HeatRow } from "../../treenet/figures/heat_map.ts";
import { classes } from "../../treenet/figures/palette.ts";
import type { SaliencyMeta } from "./params.ts";
import { alternatives, modelOf, type Page, seedOf, tasksOf } from "../section.ts";

/** 97.5% point of the standard normal. */
const NORMAL = 1.96;
/** Values of the strongest colours: an AUROC, and a gain of it. */
const STRONGEST = { level: 0.9, gain: 0.15 };

/** Leaf × class, before training and gained, of the trees that bear their type's own name, the first seed of each. */
export async function gainMap(
  artifacts: readonly Artifact<SaliencyMeta>[],
  page: Page,
): Promise<readonly string[]> {
  const trees = firstOfTypes(artifacts, page);
  if (trees.length === 0) return [];
  const read = await Promise.all(trees.map(async (tree) => {
    const { rows } = await readCsv(join(tree.dir, "leaves.csv"));
    return { tree, rows };
  }));
  const title = "Gains of leaves by class";
  const picture = await page.draw("gains-by-class", {
    svg: heatMaps(
      read.map(({ tree, rows }) => heatRow(`${page.title(tree)}, seed ${seedOf(tree)}`, rows)),
      { columns: classes.map(({ name }) => name), title },
    ),
    columns: ["model", "seed", "leaf", "class", "before", "gain", "error"],
    rows: read.flatMap(({ tree, rows }) =>
      rows.flatMap((row) =>
        classes.map(({ name }) => ({
          model: modelOf(tree),
          seed: seedOf(tree),
          leaf: Number(row.leaf),
          class: name,
          before: Number(row[`auroc_${name}_before`]),
          gain: Number(row[`gain_${name}`]),
          error: Number(row[`gain_error_${name}`]),
        }))
      )
    ),
  });
  return [
    image(title, picture.png),
    "*Gains by class.* Left: AUROC of each class against the rest by a probe of one leaf with its initial weights (white: 0.5). " +
    "Right: the same leaf after training, minus that; orange is a loss, grey what its noise alone can make (95%, DeLong). " +
    `On the measurement half; from ${tasksOf(trees)}.${alternatives(picture)}`,
  ];
}

/** Variants would crowd the figure. */
function firstOfTypes(
  artifacts: readonly Artifact<SaliencyMeta>[],
  page: Page,
): readonly Artifact<SaliencyMeta>[] {
  const own = artifacts.filter((each) => {
    const { type = modelOf(each) } = page.settings(each) as { readonly type?: string };
    return each.meta.categories !== null && type === modelOf(each) && "leaves.csv" in each.files;
  });
  return [...new Map(own.toReversed().map((each) => [modelOf(each), each])).values()].reverse();
}

function heatRow(title: string, rows: readonly Readonly<Record<string, string>>[]): HeatRow {
  const cells = (of: (row: Readonly<Record<string, string>>, name: string) => Cell) =>
    rows.map((row) => classes.map(({ name }) => of(row, name)));
  return {
    title,
    names: rows.map(({ leaf }) => `leaf ${leaf}`),
    maps: [
      {
        title: "AUROC before training",
        cells: cells((row, name) => ({ value: Number(row[`auroc_${name}_before`]) })),
        from: 0.5,
        to: STRONGEST.level,
      },
      {
        title: "Gain by training",
        cells: cells((row, name) => {
          const value = Number(row[`gain_${name}`]);
          return { value, known: Math.abs(value) > NORMAL * Number(row[`gain_error_${name}`]) };
        }),
        from: 0,
        to: STRONGEST.gain,
      },
    ],
  };
}
