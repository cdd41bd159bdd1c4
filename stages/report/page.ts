/**
 * The page that the report lends to the sections of stages: names, copies of files, drawings.
 *
 * @module
 */
import { join } from "node:path";
import type { Artifact } from "../../pipeline/stage.ts";
import { readCsv, writeCsv } from "../../formats/csv.ts";
import { decodePng, writePng } from "../../formats/png.ts";
import type { Drawing, Drawn, Page } from "../section.ts";
import { modelOf, seedOf } from "../section.ts";
import {
  type Curve,
  curvesFigure,
  curvesTable,
  measuredIn,
  type Quantity,
} from "../../treenet/figures/curves.ts";
import { svgToPng } from "../../treenet/figures/rasterise.ts";
import { modelTitle } from "./read/poster.ts";
import { settingsOf, variantsIn } from "./read/settings.ts";
import { modelsOf, ordered } from "./read/sources.ts";
import type { Run } from "./sections/headline.ts";

/** A page whose figures go to `<out>/figures/`, an existing folder. */
export function pageOf(
  out: string,
  { sources, settings }: Pick<Run, "sources" | "settings">,
  /** Models with running statistics. */
  buffered: readonly string[],
): Page {
  const variants = variantsIn(settings);
  const controls = modelsOf(sources.trained.filter(({ meta }) => meta.control === true));
  const draw: Page["draw"] = (name, drawing) => drawn(out, name, drawing);
  return {
    title: (artifact) => modelTitle(modelOf(artifact)),
    isMarked: (artifact) => buffered.includes(modelOf(artifact)),
    firstSeeds(artifacts) {
      const models = modelsOf(artifacts).filter((model) => !controls.includes(model) && !variants.has(model));
      return models.map((model) => ordered(artifacts).find((each) => modelOf(each) === model)!);
    },
    settings: ({ task }) => settingsOf(task, settings),
    async copy({ dir, files }, { file, name }) {
      if (!(file in files)) return undefined;
      await Deno.copyFile(join(dir, file), join(out, "figures", name));
      return `figures/${name}`;
    },
    draw,
    readCurve,
    drawCurves(name, { title, curves, quantities }) {
      const measured = measuredIn(curves, quantities);
      const svg = curvesFigure(curves, { quantities: measured, title });
      return draw(name, { svg, ...curvesTable(curves, measured) });
    },
  };
}

async function drawn(
  out: string,
  name: string,
  { svg, scale = 2, columns, rows }: Drawing,
): Promise<Drawn> {
  const at = (ending: string) => `figures/${name}.${ending}`;
  await writeCsv(join(out, at("csv")), { columns, rows });
  await Deno.writeTextFile(join(out, at("svg")), svg);
  // Encoded once more, without alpha: a third smaller.
  await writePng(join(out, at("png")), decodePng(await svgToPng(svg, { scale }), { channels: 3 }));
  return { png: at("png"), svg: at("svg"), csv: at("csv") };
}

async function readCurve(
  artifact: Artifact<unknown>,
  { file, quantities }: { readonly file: string; readonly quantities: readonly Quantity[] },
): Promise<Curve> {
  const { columns, rows } = await readCsv(join(artifact.dir, file));
  const required = ["images", ...quantities.filter((each) => each.required).map(({ column }) => column)];
  const missing = required.filter((column) => !columns.includes(column));
  if (missing.length > 0) {
    throw new Error(
      `Cannot draw the curves of ${artifact.task}: ${file} has no column ${missing.join(", ")}, ` +
        `expected ${required.join(", ")}, run "deno task stage ${artifact.task} --force"`,
    );
  }
  // An empty field is a quantity that was not measured at that step.
  const number = (cell: string) => cell === "" ? NaN : Number(cell);
  const found = ["images", ...quantities.map(({ column }) => column)].filter((name) =>
    columns.includes(name)
  );
  const log = Object.fromEntries(found.map((column) => [column, rows.map((row) => number(row[column]))]));
  const model = modelOf(artifact);
  return { model, seed: seedOf(artifact), title: modelTitle(model), log };
}
