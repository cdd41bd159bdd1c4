/**
 * Reads files of artifacts whose data a report draws itself.
 *
 * @module
 */
import { join } from "node:path";
import type { Artifact } from "../../pipeline/types.ts";
import type { UmapMeta } from "../umap.ts";
import { readCsv } from "../formats/csv.ts";
import { readNpy } from "../formats/npy.ts";
import { type Curve, type Quantity, thinned, trainingQuantities } from "./curves.ts";
import type { Layouts } from "./figure5.ts";
import { modelTitle } from "./poster.ts";
import { qualityNotes } from "./quality.ts";
import { modelOf, modelsOf, seedOf, type TrainedMeta } from "./sources.ts";

/** The curve of a `train` artifact, from its log.csv. */
export async function readTraining(artifact: Artifact<TrainedMeta>): Promise<Curve> {
  const curve = await readCurve(artifact, { file: "log.csv", quantities: trainingQuantities });
  return { ...curve, log: thinned(curve.log) };
}

/** The curve of any artifact with a table of `images` and these quantities. */
export async function readCurve(
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

/** Models with running statistics, by the model.json of their `ema-teacher` artifacts. */
export async function modelsWithBuffers(
  teachers: readonly Artifact<unknown>[],
): Promise<readonly string[]> {
  const buffered = await Promise.all(teachers.map(async ({ dir }) => {
    const { parameters } = JSON.parse(await Deno.readTextFile(join(dir, "model.json"))) as ModelDescription;
    return parameters.some(({ role }) => role === "buffer");
  }));
  return modelsOf(teachers.filter((_, i) => buffered[i]));
}

/** Fields of model.json that are read here. */
interface ModelDescription {
  readonly parameters: readonly { readonly role: string }[];
}

/** The two layouts of a `umap` artifact. */
export async function readLayouts(artifact: Artifact<UmapMeta>): Promise<Layouts> {
  const at = (file: string) => join(artifact.dir, file);
  const [teacher, random] = await Promise.all([
    readNpy(at("embedding.npy"), "float32"),
    readNpy(at("random_embedding.npy"), "float32"),
  ]);
  const [labels, index] = await Promise.all([
    readNpy(at("labels.npy"), "uint8"),
    readNpy(at("index.npy"), "int32"),
  ]);
  const model = modelOf(artifact);
  return {
    model,
    seed: seedOf(artifact),
    title: modelTitle(model),
    teacher: { points: teacher.data, notes: qualityNotes(artifact.meta.teacher.mean) },
    random: { points: random.data, notes: qualityNotes(artifact.meta.random.mean) },
    labels: labels.data,
    index: index.data,
  };
}
