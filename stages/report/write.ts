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
import { composeReport } from "./compose.ts";
import { curvesColumns, curvesFigure, curvesRows } from "./curves.ts";
import { figure5, figure5Columns, figure5Rows } from "./figure5.ts";
import { type Drawn, firstSeeds, type Pictures, type SaliencyPictures } from "./figures.ts";
import { isScaledDown, type Run } from "./headline.ts";
import { modelsWithBuffers, readCurve, readLayouts } from "./read.ts";
import { modelOf, ordered, type Sources } from "./sources.ts";
import { sanityColumns, sanityFigure, sanityRows } from "./sanity.ts";
import { rowsOf, table1Csv } from "./table1.ts";

/** Pixels of a PNG per unit of the drawing: sharp at twice its size, and less for the many dots of Figure 5. */
const scales = { curves: 2, figure5: 1.5, sanity: 2 };

/** Writes REPORT.md, table1.csv and figures/ into `out`, an existing folder. */
export async function writeReport(out: string, run: Run): Promise<void> {
  await Deno.mkdir(join(out, "figures"), { recursive: true });
  const pictures = await writeFigures(out, run.sources);
  const buffered = await modelsWithBuffers(run.sources.teachers);
  await writeCsv(join(out, "table1.csv"), table1Csv(rowsOf(run.sources), { scaledDown: isScaledDown(run) }));
  await Deno.writeTextFile(join(out, "REPORT.md"), composeReport(run, { pictures, buffered }));
}

async function writeFigures(out: string, sources: Sources): Promise<Pictures> {
  const [views] = ordered(sources.views);
  return {
    views: views && await copied(out, { artifact: views, file: "contact_sheet.png", name: "figure2.png" }),
    saliency: await Promise.all(firstSeeds(sources.saliency).map((artifact) => copySaliency(out, artifact))),
    umap: await drawUmap(out, sources),
    sanity: await drawSanity(out, sources),
    curves: await drawCurves(out, sources),
  };
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

/** Copies a file of an artifact, if it has it, to `figures/<name>`; returns where, relative to REPORT.md. */
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
  const layouts = await Promise.all(firstSeeds(sources.umaps).map(readLayouts));
  if (layouts.length === 0) return undefined;
  await writeCsv(join(out, "figures/figure5.csv"), { columns: figure5Columns, rows: figure5Rows(layouts) });
  return await drawn(out, { name: "figure5", svg: figure5(layouts), scale: scales.figure5 });
}

async function drawSanity(out: string, sources: Sources): Promise<Drawn | undefined> {
  const artifacts = firstSeeds(sources.saliency);
  if (artifacts.length === 0) return undefined;
  await writeCsv(join(out, "figures/sanity.csv"), { columns: sanityColumns, rows: sanityRows(artifacts) });
  return await drawn(out, { name: "sanity", svg: sanityFigure(artifacts), scale: scales.sanity });
}

async function drawCurves(out: string, sources: Sources): Promise<Drawn | undefined> {
  const curves = await Promise.all(ordered(sources.trained).map(readCurve));
  if (curves.length === 0) return undefined;
  await writeCsv(join(out, "figures/curves.csv"), { columns: curvesColumns, rows: curvesRows(curves) });
  return await drawn(out, { name: "curves", svg: curvesFigure(curves), scale: scales.curves });
}

/** Writes a drawing as SVG and PNG; its data is beside it already. */
async function drawn(
  out: string,
  { name, svg, scale }: { readonly name: string; readonly svg: string; readonly scale: number },
): Promise<Drawn> {
  const at = (ending: string) => `figures/${name}.${ending}`;
  await Deno.writeTextFile(join(out, at("svg")), svg);
  // Encoded once more, without alpha: a third smaller.
  await writePng(join(out, at("png")), decodePng(await svgToPng(svg, { scale }), { channels: 3 }));
  return { png: at("png"), svg: at("svg"), csv: at("csv") };
}
