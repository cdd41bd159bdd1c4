/**
 * Sanity check of the saliency maps: the cascading randomisation of Adebayo et al. (2018) as a plot and a
 * table, and the agreement of the maps between methods.
 *
 * @module
 */
import type { Artifact } from "../../pipeline/stage.ts";
import type { SaliencyMeta } from "./params.ts";
import type { Row as CsvRow } from "../../formats/csv.ts";
import { legend, lineStyle, pathThrough } from "../../treenet/figures/curves.ts";
import { drawing, element } from "../../treenet/figures/svg.ts";
import { type Axes, drawAxes, type Frame, placed } from "../../treenet/figures/axes.ts";
import { details, image, joined, table } from "../../formats/markdown.ts";
import { alternatives, type Drawn, from, modelOf, type Page } from "../section.ts";

type Measured = "spearman" | "ssim";

const measures: readonly { readonly name: Measured; readonly title: string }[] = [
  { name: "spearman", title: "Rank correlation with the trained maps" },
  { name: "ssim", title: "Structural similarity (SSIM)" },
];
const plot = { width: 330, height: 170 };
const left = 58;
const top = 66;
const step = plot.width + 70;

/** Similarity to the original maps while more and more layers become random, one line a model. */
function sanityFigure(artifacts: readonly Artifact<SaliencyMeta>[], page: Page): string {
  const panels = measures.map(({ name, title }, i) => {
    const frame: Frame = { x: left + i * step, y: top, ...plot };
    const values = artifacts.flatMap(({ meta }) => meta.sanity.map((each) => each[name]));
    const axes: Axes = { frame, x: { low: 0, high: 1 }, y: { low: Math.min(0, ...values), high: 1 } };
    const lines = artifacts.map(({ meta }, model) => line(meta, { name, axes, model }));
    return [drawAxes(axes, { title, x: "share of layers randomised, from the output on" }), ...lines].join(
      "\n",
    );
  });
  return drawing([legend(artifacts.map(page.title), { left, top: 24, entries: Infinity }), ...panels], {
    width: left + step + plot.width + 20,
    height: top + plot.height + 44,
    title: "Similarity of saliency maps to those of the trained network while layers are randomised",
  });
}

function line(
  { sanity }: SaliencyMeta,
  { name, axes, model }: { readonly name: Measured; readonly axes: Axes; readonly model: number },
): string {
  const points = [1, ...sanity.map((each) => each[name])]
    .map((y, depth) => placed({ x: depth / sanity.length, y }, axes));
  const d = pathThrough(points);
  return element("path", { d, fill: "none", ...lineStyle(model), "stroke-width": 1.6 });
}

/** Column order of `sanity.csv`. */
const sanityColumns = ["model", "randomised", "layer", "spearman", "ssim"] as const;

/** The points drawn, one a line; `randomised` counts layers, the last of which is `layer`. */
function sanityRows(artifacts: readonly Artifact<SaliencyMeta>[]): CsvRow[] {
  return artifacts.flatMap((artifact) =>
    artifact.meta.sanity.map(({ layer, spearman, ssim }, i) => ({
      model: modelOf(artifact),
      randomised: i + 1,
      layer,
      spearman,
      ssim,
    }))
  );
}

/** The part of the section; undefined where only controls have maps. */
export async function sanityPart(
  artifacts: readonly Artifact<SaliencyMeta>[],
  page: Page,
): Promise<string | undefined> {
  if (artifacts.length === 0) return undefined;
  const picture: Drawn = await page.draw("sanity", {
    svg: sanityFigure(artifacts, page),
    columns: sanityColumns,
    rows: sanityRows(artifacts),
  });
  return joined([
    "### Do the maps show what was learnt?",
    image("Similarity of saliency maps to the trained ones while layers are randomised", picture.png),
    "*Sanity check.* Layers get fresh initial weights one after the other, from the output back to the image " +
    "(cascading randomisation, Adebayo et al. 2018), and the maps of all leaves are compared with those of the trained " +
    "network. At the right end nothing that was learnt is left: what similarity remains there comes from the image and the " +
    "architecture, and no claim about learning may rest on it. Running statistics go back to their initial values with " +
    `their layer.${alternatives(picture)}`,
    details("Layer by layer", joined(artifacts.map((artifact) => layerTable(artifact, page)))),
    methodsText(artifacts, page),
  ]);
}

function layerTable(artifact: Artifact<SaliencyMeta>, { title }: Page): string {
  const { task, meta } = artifact;
  const rows = meta.sanity.map(({ layer, spearman, ssim }) => [
    `\`${layer}\``,
    from(task, fixed(spearman)),
    from(task, fixed(ssim)),
  ]);
  const heading = `${title(artifact)}: random down to`;
  return table([heading, "Rank correlation", "SSIM"], rows, { align: "lrr" });
}

function methodsText(artifacts: readonly Artifact<SaliencyMeta>[], { title }: Page): string {
  const rows = artifacts.map((artifact) => {
    const { task, meta: { methods } } = artifact;
    return [
      title(artifact),
      from(task, fixed(methods.embedding)),
      from(task, fixed(methods.smoothGrad)),
      from(task, fixed(methods.integrated)),
      from(task, `${(100 * methods.completenessError).toFixed(1)}%`),
    ];
  });
  return joined([
    "The maps of Figures 3 and 4 are plain gradients of the sum of the head's outputs, as released. How far they agree with the " +
    "gradient of the sum of the embedding and with two other methods (mean rank correlation), and by how much the attributions of integrated gradients miss the difference of " +
    "outputs that they must add up to (the worst image and leaf, as a share of all that is attributed):",
    table(
      ["Model", "Gradient of the embedding", "SmoothGrad", "Integrated gradients", "Completeness missed by"],
      rows,
      { align: "lrrrr" },
    ),
  ]);
}

function fixed(value: number): string {
  return value.toFixed(2).replace("-", "−");
}
