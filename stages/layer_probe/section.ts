/**
 * The report's section of probes by layer.
 *
 * @module
 */
import { join } from "node:path";
import type { Artifact } from "../../pipeline/stage.ts";
import { image, joined, table } from "../../formats/markdown.ts";
import { readNpy } from "../../formats/npy.ts";
import { percent, percentRange, plural, thousands } from "../../formats/written_numbers.ts";
import { type LayerPanel, layersFigure } from "../../treenet/figures/layer_panels.ts";
import { type CrossedMean, crossedMean } from "../../treenet/statistics/crossed.ts";
import { correctness } from "../../treenet/statistics/paired.ts";
import { alternatives, from, modelOf, type Page, type Section, tasksOf } from "../section.ts";
import type { LayerProbeMeta, LayerReading } from "./params.ts";

/** Readings, as the legend and the table name them. */
const READINGS: Readonly<Record<LayerReading, string>> = {
  teacher: "trained",
  random: "random init",
  released: "released probe",
};

export default {
  order: 40,
  async write(artifacts, page) {
    const models = await Promise.all(groupsOf(artifacts).map((group) => accuraciesOf(group, page)));
    const picture = await page.draw("layers", {
      svg: layersFigure(
        models.map(panelOf),
        "Accuracy of linear probes by layer, from the leaves to the loss",
      ),
      columns: ["model", "layer", "features", "reading", "mean", "low", "high"],
      rows: models.flatMap(({ model, rows }) =>
        rows.map(({ layer, features, reading, found: { mean, interval: [low, high] } }) => ({
          model,
          layer,
          features,
          reading,
          mean,
          low,
          high,
        }))
      ),
    });
    const [{ task, meta }] = artifacts;
    const [fitted, validated, tested] = [meta.fitted, meta.validated, meta.tested]
      .map((count) => from(task, thousands(count)));
    return joined([
      "## Accuracy by layer",
      image("Accuracy of linear probes by layer of every model", picture.png),
      `*Accuracy by layer*, per cent, from what the leaves pool to what the loss compares: ${
        tasksOf(artifacts)
      }. A linear ` +
      `probe of each layer's outputs, fitted on ${fitted} training images, its penalty chosen on ${validated} others, ` +
      `tested on ${tested} test images; *released probe*: the released code's, on raw pixels, of the layers that it probed ` +
      `([recipe](../../docs/recipe.md#layers)). Bars: 95% intervals over test images and, where there are several, seeds of the network and of the released ` +
      `probe's layer. A ` +
      `probe gains from width alone.${alternatives(picture)}`,
      ...models.map((model) => tableOf(model)),
    ]);
  },
} satisfies Section<LayerProbeMeta>;

type LayerRow = LayerProbeMeta["predictions"][number];

interface Accuracy {
  readonly layer: string;
  readonly features: number;
  readonly reading: LayerReading;
  readonly found: CrossedMean;
}

interface OfModel {
  readonly model: string;
  readonly title: string;
  readonly artifacts: readonly Artifact<LayerProbeMeta>[];
  readonly rows: readonly Accuracy[];
}

/** Artifacts of one model, all seeds. */
function groupsOf(artifacts: readonly Artifact<LayerProbeMeta>[]) {
  return [...Map.groupBy(artifacts, modelOf).values()];
}

async function accuraciesOf(artifacts: readonly Artifact<LayerProbeMeta>[], page: Page): Promise<OfModel> {
  const [first] = artifacts;
  const { data: labels } = await readNpy(join(first.dir, "labels_test.npy"), "uint8");
  const answers = await Promise.all(artifacts.map(({ dir }) => rowsOf(dir, labels.length)));
  const isSame = (a: LayerRow, b: LayerRow) => a.layer === b.layer && a.reading === b.reading;
  const kept = first.meta.predictions;
  const probes = kept.filter((row, at) => kept.findIndex((other) => isSame(row, other)) === at);
  const rows = probes.map((row): Accuracy => ({
    ...row,
    features: first.meta.layers.find(({ name }) => name === row.layer)!.features,
    found: crossedMean(correctness(
      answers.map((each) => ({ repetitions: each.filter((_, at) => isSame(kept[at], row)) })),
      labels,
    )),
  }));
  return { model: modelOf(first), title: page.title(first), artifacts, rows };
}

async function rowsOf(dir: string, images: number): Promise<readonly Uint8Array[]> {
  const { shape, data } = await readNpy(join(dir, "predictions.npy"), "uint8");
  return Array.from({ length: shape[0] }, (_, row) => data.subarray(row * images, (row + 1) * images));
}

function panelOf({ title, rows }: OfModel): LayerPanel {
  const layers = [...new Set(rows.map(({ layer }) => layer))];
  const series = (reading: LayerReading) =>
    layers.map((layer) => {
      const found = rows.find((row) => row.layer === layer && row.reading === reading)?.found;
      return found && {
        mean: 100 * found.mean,
        interval: [100 * found.interval[0], 100 * found.interval[1]] as const,
      };
    });
  const readings = (Object.keys(READINGS) as LayerReading[]).filter((reading) =>
    rows.some((row) => row.reading === reading)
  );
  return {
    title,
    layers,
    series: Object.fromEntries(readings.map((reading) => [READINGS[reading], series(reading)])),
  };
}

function tableOf({ title, artifacts, rows }: OfModel): string {
  const [{ task, meta }] = artifacts;
  const readings = [...new Set(rows.map(({ reading }) => reading))];
  const cells = meta.layers.map(({ name, features }) => [
    `\`${name}\``,
    from(task, thousands(features)),
    ...readings.flatMap((reading) => {
      const found = rows.find((row) => row.layer === name && row.reading === reading)?.found;
      return found === undefined ? ["–", "–"] : [percent(found.mean), percentRange(found.interval)];
    }),
  ]);
  const header = ["Layer", "Outputs", ...readings.flatMap((reading) => [capital(READINGS[reading]), "95%"])];
  return [
    `<details>\n<summary>${title}, ${plural(artifacts.length, "seed")}</summary>`,
    table(header, cells, { align: `lr${"rr".repeat(readings.length)}` }),
    "</details>",
  ].join("\n\n");
}

function capital(words: string): string {
  return words[0].toUpperCase() + words.slice(1);
}
