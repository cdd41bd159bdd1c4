/**
 * The sections of Figures 1 to 5 and of the training curves: pictures and captions from the artifacts.
 *
 * @module
 */
import type { Artifact, Json } from "../../pipeline/types.ts";
import type { UmapMeta } from "../umap.ts";
import type { SaliencyMeta } from "../saliency/meta.ts";
import { mostPoints } from "./curves.ts";
import { architectureDiagram } from "./diagram.ts";
import type { Run } from "./headline.ts";
import { details, fence, from, image, joined } from "./markdown.ts";
import { listed, thousands } from "./numbers.ts";
import { modelTitle } from "./poster.ts";
import { qualityTable } from "./quality.ts";
import { sanitySection } from "./sanity.ts";
import { leafTable, overlayCaption, singleCaption } from "./saliency.ts";
import { settingsOf } from "./settings.ts";
import { modelOf, modelsOf, ordered, seedOf, type Sources, type ViewsMeta } from "./sources.ts";

/** Paths of the pictures, relative to REPORT.md; absent without data. */
export interface Pictures {
  readonly views?: string;
  readonly curves?: Drawn;
  readonly umap?: Drawn;
  readonly sanity?: Drawn;
  /** One entry for each model, of its first seed, the poster's models first. */
  readonly saliency: readonly SaliencyPictures[];
}

/** The same figure three times: to view, to print, and as data. */
export interface Drawn {
  readonly png: string;
  readonly svg?: string;
  readonly csv?: string;
}

export interface SaliencyPictures {
  readonly artifact: Artifact<SaliencyMeta>;
  readonly figure3?: Drawn;
  readonly figure4?: Drawn;
  readonly methods?: Drawn;
}

export function architectureSection(): string {
  return joined([
    "## Figure 1: architecture",
    fence("mermaid", architectureDiagram),
    "*Figure 1.* A TreeNet: m leaves without connections between them read the same image, a join makes one " +
    "representation of their outputs. The teacher (red) follows the student (blue) by an exponential moving average " +
    "(ema) and passes no gradient (sg); it is what every number and picture here is measured on.",
  ]);
}

export function viewsSection(sources: Sources, pictures: Pictures): string | undefined {
  const [views] = ordered(sources.views);
  if (views === undefined || pictures.views === undefined) return undefined;
  return joined([
    "## Figure 2: views",
    image("Training images and their augmented views", pictures.views),
    `*Figure 2.* Training images (left) and what the networks see of them: ${viewCounts(views)}. ` +
    `Cropped, flipped, colour-jittered, sometimes grey, blurred or solarised, as in ` +
    `[the recipe](../../docs/recipe.md#augmentation). Shown before normalisation. From ` +
    `${from(views.task, `\`${views.task}\``)}.`,
  ]);
}

function viewCounts({ task, meta }: Artifact<ViewsMeta>): string {
  const views = (count: number, size: number, name: string) =>
    `${from(task, String(count))} ${name} view${count === 1 ? "" : "s"} of ${size} × ${size} pixels`;
  const globals = views(meta.globals, meta.globalSize, "global");
  return meta.locals === 0
    ? `${globals} an image`
    : `${globals} and ${views(meta.locals, meta.localSize, "local")} an image`;
}

export function saliencySection(sources: Sources, pictures: Pictures): string | undefined {
  const [first, ...others] = pictures.saliency;
  if (first === undefined) return undefined;
  return joined([
    "## Figures 3 and 4: what the leaves look at",
    saliencyPair(first),
    ...others.map((pair) => details(modelTitle(modelOf(pair.artifact)), saliencyPair(pair))),
    leafTable(ordered(sources.saliency)),
    sanitySection(pictures.saliency.map(({ artifact }) => artifact), pictures.sanity),
  ]);
}

function saliencyPair({ artifact, figure3, figure4, methods }: SaliencyPictures): string {
  const title = modelTitle(modelOf(artifact));
  return joined([
    figure3 && image(`Saliency maps over test images, ${title}`, figure3.png),
    figure3 && `*Figure 3, ${title}.* ${overlayCaption(artifact)}${alternatives(figure3)}`,
    figure4 && image(`Saliency maps one by one, ${title}`, figure4.png),
    figure4 && `*Figure 4, ${title}.* ${singleCaption(artifact)}${alternatives(figure4)}`,
    methods && details("The same by three methods", methodPicture(title, methods)),
  ]);
}

function methodPicture(title: string, methods: Drawn): string {
  return joined([
    image(`Saliency maps by three methods, ${title}`, methods.png),
    `The first row of Figure 4 by gradient, SmoothGrad and integrated gradients.${alternatives(methods)}`,
  ]);
}

export function umapSection(sources: Sources, pictures: Pictures): string | undefined {
  const umaps = shownIn(sources, sources.umaps);
  if (umaps.length === 0 || pictures.umap === undefined) return undefined;
  return joined([
    "## Figure 5: UMAP of the representations",
    image("UMAP layouts of the same test images, by architecture", pictures.umap.png),
    umapCaption(umaps, pictures.umap),
    details("Quality of the layouts: mean (range) over UMAP seeds", qualityTable(umaps)),
  ]);
}

function umapCaption(umaps: readonly Artifact<UmapMeta>[], drawn: Drawn): string {
  const seeds = [...new Set(umaps.map(seedOf))];
  const which = seeds.length === 1 ? `seed ${seeds[0]}` : "the first seed of each";
  const [{ task, meta }] = umaps;
  const [neighbours, distance, passes, images, layouts] = [
    meta.neighbors,
    meta.minDist,
    meta.epochs,
    meta.n,
    meta.layoutSeeds.length,
  ].map((value) => from(task, thousandsOrDecimal(value)));
  return [
    `*Figure 5.* UMAP layouts (start by PCA, ${neighbours} neighbours, minimal distance ${distance}, ${passes} passes) of`,
    `the same ${images} test images, equally many of each class, for every architecture, trained teacher above its random`,
    `initialisation, ${which}, from ${
      tasksOf(umaps)
    }. One mark an image; the axes have no unit, and neither the`,
    "distance between clusters nor their size has a meaning. Under each panel: how many neighbours the layout invents",
    "(trustworthiness), loses (continuity) and keeps (k-NN overlap), and how far classes are apart in the native space",
    `and in the layout (silhouette, −1 to 1). They are means over ${layouts} layouts, of which the first is drawn; a`,
    "layout with a low trustworthiness shows neighbours that are none. The measures describe the layouts and do not",
    `rank the models.${alternatives(drawn)}`,
  ].join(" ");
}

function thousandsOrDecimal(value: number): string {
  return Number.isInteger(value) ? thousands(value) : String(value);
}

export function curvesSection(run: Run, pictures: Pictures): string | undefined {
  const trained = ordered(run.sources.trained);
  if (trained.length === 0 || pictures.curves === undefined) return undefined;
  return joined([
    "## Training curves",
    image("Loss, teacher entropy, KL divergence and feature SD over images seen", pictures.curves.png),
    `*Training curves.* One line a run, from the log.csv of ${tasksOf(trained)}; a log of more than ` +
    `${thousands(mostPoints)} steps is averaged over stretches of equal length. ` +
    `A run that collapses shows it here: ${collapseInWords(run)}.` +
    alternatives(pictures.curves),
  ]);
}

/** Signs of a collapse by the methods of the run: only DINO's teacher gives distributions with an entropy. */
function collapseInWords(run: Run): string {
  const methods = new Set(run.sources.trained.map(({ meta }) => meta.method));
  if (!methods.has("dino")) return "the spread of the embeddings falls to zero";
  const dino = `KL and spread fall to zero, or the teacher's entropy comes to ${uniformEntropy(run)}`;
  return methods.size === 1 ? dino : `of DINO's, ${dino}; of the others, the spread falls to zero`;
}

/** Entropy of a DINO teacher with uniform output, ln K nats. */
function uniformEntropy({ sources, settings }: Run): string {
  const all = ordered(sources.trained).filter(({ meta }) => meta.method === "dino")
    .map(({ task }) => prototypesOf(settingsOf(task, settings)));
  const outputs = [...new Set(all)].filter((k) => k !== undefined);
  const values = outputs.map((k) => `ln ${thousands(k)} = ${Math.log(k).toFixed(2)}`);
  return values.length === 0
    ? "that of a uniform distribution"
    : `${listed(values)}, that of a uniform distribution`;
}

function prototypesOf(params: Json): number | undefined {
  const { head } = params as { readonly head?: { readonly prototypes?: number } };
  return head?.prototypes;
}

/** Links to artifacts by their names. */
function tasksOf(artifacts: readonly Artifact<unknown>[]): string {
  return listed(artifacts.map(({ task }) => from(task, `\`${task}\``)));
}

/** Artifacts that the figures show: for every model that is not a control, the one with the smallest seed. */
export function shownIn<Meta>(
  { trained }: Pick<Sources, "trained">,
  artifacts: readonly Artifact<Meta>[],
): readonly Artifact<Meta>[] {
  const controls = modelsOf(trained.filter(({ meta }) => meta.control === true));
  const all = ordered(artifacts).filter((artifact) => !controls.includes(modelOf(artifact)));
  return all.filter((artifact) => all.find((other) => modelOf(other) === modelOf(artifact)) === artifact);
}

function alternatives({ svg, csv }: Drawn): string {
  const links = [svg && `[SVG](${svg})`, csv && `[data](${csv})`].filter((link) => link !== undefined);
  return links.length === 0 ? "" : ` As ${links.join(" and ")}.`;
}
