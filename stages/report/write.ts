/**
 * Writes a report: draws its figures, copies those of the stages, and composes its text.
 *
 * @module
 */
import { join } from "node:path";
import type { Artifact } from "../../pipeline/types.ts";
import type { SaliencyMeta } from "../saliency/meta.ts";
import { writeCsv } from "../formats/csv.ts";
import { decodePng, writePng } from "../formats/png.ts";
import { svgToPng } from "../treenet/figures/png.ts";
import { type Answers, readAnswers } from "./answers.ts";
import {
  type Comparison,
  comparisonsColumns,
  comparisonsOf,
  comparisonsRows,
  verdictOn,
} from "./comparisons.ts";
import { composeReport } from "./compose.ts";
import {
  type Curve,
  curvesFigure,
  curvesTable,
  learningQuantities,
  measuredIn,
  type Quantity,
  trainingQuantities,
} from "./curves.ts";
import { figure5, figure5Columns, figure5Rows } from "./figure5.ts";
import { type Drawn, type Pictures, type SaliencyPictures, shownIn } from "./figures.ts";
import { isScaledDown, type Run } from "./headline.ts";
import { readChanges, readLearning } from "./learned.ts";
import type { Learned } from "./learning.ts";
import { modelsWithBuffers, readLayouts, readTraining } from "./read.ts";
import { modelOf, ordered, type Sources } from "./sources.ts";
import { sanityColumns, sanityFigure, sanityRows } from "./sanity.ts";
import { rowsOf } from "./table1.ts";
import { table1Csv } from "./table1_csv.ts";

/** Pixels of a PNG per unit of the drawing: sharp at twice its size, fewer for the many dots of Figure 5. */
const scales = { curves: 2, figure5: 1.5, sanity: 2 };

/** Writes REPORT.md, its tables of data and figures/ into `out`, an existing folder. */
export async function writeReport(out: string, run: Run): Promise<void> {
  await Deno.mkdir(join(out, "figures"), { recursive: true });
  const { sources } = run;
  const pictures = await writeFigures(out, sources);
  const learned = await writeLearned(out, sources);
  const buffered = await modelsWithBuffers(sources.teachers);
  const answers = await readAnswers(sources);
  const comparisons = answers === undefined ? [] : comparisonsOf(answers, sources);
  const scaledDown = isScaledDown(run);
  await writeTables(out, { sources, scaledDown, answers, comparisons });
  const verdict = verdictOn(answers, { scaledDown });
  const text = composeReport(run, { pictures, buffered, answers, comparisons, verdict, learned });
  await Deno.writeTextFile(join(out, "REPORT.md"), text);
}

async function writeTables(
  out: string,
  { sources, scaledDown, answers, comparisons }: {
    readonly sources: Sources;
    readonly scaledDown: boolean;
    readonly answers?: Answers;
    readonly comparisons: readonly Comparison[];
  },
): Promise<void> {
  await writeCsv(join(out, "table1.csv"), table1Csv(rowsOf(sources), { scaledDown, answers }));
  if (comparisons.length === 0) return;
  const rows = comparisonsRows(comparisons, answers);
  await writeCsv(join(out, "comparisons.csv"), { columns: comparisonsColumns, rows });
}

async function writeFigures(out: string, sources: Sources): Promise<Pictures> {
  const [views] = ordered(sources.views);
  return {
    views: views && await copied(out, { artifact: views, file: "contact_sheet.png", name: "figure2.png" }),
    saliency: await Promise.all(
      shownIn(sources, sources.saliency).map((artifact) => copySaliency(out, artifact)),
    ),
    umap: await drawUmap(out, sources),
    sanity: await drawSanity(out, sources),
    curves: await drawCurves(out, {
      name: "curves",
      title: "Training curves by images seen",
      curves: await readAll(sources.trained, readTraining),
      quantities: trainingQuantities,
    }),
  };
}

async function writeLearned(out: string, sources: Sources): Promise<Learned | undefined> {
  const curves = await readAll(sources.learning, readLearning);
  const picture = await drawCurves(out, {
    name: "learning",
    title: "What was learned, by images seen",
    curves,
    quantities: learningQuantities,
  });
  const changes = await Promise.all(ordered(sources.learning).map(readChanges));
  return picture && { curves, picture, changes };
}

function readAll<Meta>(
  artifacts: readonly Artifact<Meta>[],
  read: (artifact: Artifact<Meta>) => Promise<Curve>,
): Promise<readonly Curve[]> {
  return Promise.all(ordered(artifacts).map(read));
}

async function copySaliency(out: string, artifact: Artifact<SaliencyMeta>): Promise<SaliencyPictures> {
  const copyAll = async (figure: string): Promise<Drawn | undefined> => {
    const copy = (ending: string) =>
      copied(out, {
        artifact,
        file: `${figure}.${ending}`,
        name: `${figure}-${modelOf(artifact)}.${ending}`,
      });
    const [png, svg, csv] = await Promise.all(["png", "svg", "csv"].map(copy));
    return png === undefined ? undefined : { png, svg, csv };
  };
  return {
    artifact,
    figure3: await copyAll("figure3"),
    figure4: await copyAll("figure4"),
    methods: await copyAll("methods"),
  };
}

/** Copies a file of an artifact, if it exists, to `figures/<name>`; returns the path from REPORT.md. */
async function copied(
  out: string,
  { artifact, file, name }: {
    readonly artifact: Artifact<unknown>;
    readonly file: string;
    readonly name: string;
  },
): Promise<string | undefined> {
  if (!(file in artifact.files)) return undefined;
  await Deno.copyFile(join(artifact.dir, file), join(out, "figures", name));
  return `figures/${name}`;
}

async function drawUmap(out: string, sources: Sources): Promise<Drawn | undefined> {
  const layouts = await Promise.all(shownIn(sources, sources.umaps).map(readLayouts));
  if (layouts.length === 0) return undefined;
  await writeCsv(join(out, "figures/figure5.csv"), { columns: figure5Columns, rows: figure5Rows(layouts) });
  return await drawn(out, { name: "figure5", svg: figure5(layouts), scale: scales.figure5 });
}

async function drawSanity(out: string, sources: Sources): Promise<Drawn | undefined> {
  const artifacts = shownIn(sources, sources.saliency);
  if (artifacts.length === 0) return undefined;
  await writeCsv(join(out, "figures/sanity.csv"), { columns: sanityColumns, rows: sanityRows(artifacts) });
  return await drawn(out, { name: "sanity", svg: sanityFigure(artifacts), scale: scales.sanity });
}

async function drawCurves(
  out: string,
  { name, title, curves, quantities }: {
    readonly name: string;
    readonly title: string;
    readonly curves: readonly Curve[];
    readonly quantities: readonly Quantity[];
  },
): Promise<Drawn | undefined> {
  if (curves.length === 0) return undefined;
  const drawnOnes = measuredIn(curves, quantities);
  await writeCsv(join(out, `figures/${name}.csv`), curvesTable(curves, drawnOnes));
  const svg = curvesFigure(curves, { quantities: drawnOnes, title });
  return await drawn(out, { name, svg, scale: scales.curves });
}

/** Writes a drawing as SVG and PNG; its data is already beside it. */
async function drawn(
  out: string,
  { name, svg, scale }: { readonly name: string; readonly svg: string; readonly scale: number },
): Promise<Drawn> {
  const at = (ending: string) => `figures/${name}.${ending}`;
  await Deno.writeTextFile(join(out, at("svg")), svg);
  // Encoded again without alpha, which makes it a third smaller.
  await writePng(join(out, at("png")), decodePng(await svgToPng(svg, { scale }), { channels: 3 }));
  return { png: at("png"), svg: at("svg"), csv: at("csv") };
}
