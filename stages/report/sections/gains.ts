/**
 * The section that compares every row with its own initial weights and with the controls of its width.
 *
 * @module
 */
import type { CrossedMean } from "../../../treenet/statistics/crossed.ts";
import { type Answers, controlled, layerOf, probed } from "../read/answers.ts";
import { compare, type Side } from "../read/comparisons.ts";
import { controlRows } from "../read/control_rows.ts";
import { joined, table } from "../../../formats/markdown.ts";
import { points, pointsRange, thousands } from "../../../formats/written_numbers.ts";
import { from, modelOf } from "../../section.ts";
import { modelTitle } from "../read/poster.ts";
import { modelsOf, ordered, type Sources } from "../read/sources.ts";
import { intervalsOf } from "./verdict_section.ts";

/** One comparison of the table. */
interface Gain {
  readonly model: string;
  readonly of: "embedding" | "leaf outputs";
  /** Title of the other side. */
  readonly with: string;
  /** Number of features of an image, on either side. */
  readonly features: number;
  readonly difference: CrossedMean;
}

/** Gains of every model that is not a control: of its embedding, then of its leaves' outputs. */
function gainsOf(answers: Answers, sources: Sources): readonly Gain[] {
  const controls = modelsOf(sources.trained.filter(({ meta }) => meta.control === true));
  const models = modelsOf(sources.probes).filter((model) => !controls.includes(model));
  return models.flatMap((model) => {
    const features = widthOf(sources, model);
    const own = (row: string): Side => ({ name: model, id: probed(model, row) });
    const gain = (sides: readonly [Side, Side], shown: Pick<Gain, "of" | "with" | "features">) => {
      const [a, b] = sides;
      const found = compare(answers, { kind: "control", a, b, probe: "linear" });
      return found === undefined ? [] : [{ model, ...shown, difference: found.difference }];
    };
    const leaves = (row: "teacher" | "random"): Side => ({
      name: model,
      id: layerOf(model, { layer: "leaves", reading: row }),
    });
    return [
      ...gain([own("teacher"), own("random")], { of: "embedding", with: "its random init", features }),
      ...asWide(sources, { model, controls, features }).flatMap((side) =>
        gain([own("teacher"), side], { of: "embedding", with: side.name, features })
      ),
      ...gain([leaves("teacher"), leaves("random")], {
        of: "leaf outputs",
        with: "its random init's",
        features: leafFeatures(sources, model),
      }),
    ];
  });
}

/** Untrained or partly trained features of the same width: other models' initial weights, and controls. */
function asWide(
  sources: Sources,
  { model, controls, features }: {
    readonly model: string;
    readonly controls: readonly string[];
    readonly features: number;
  },
): readonly Side[] {
  const others = modelsOf(sources.probes).filter((other) => other !== model);
  const wide = others.filter((other) => widthOf(sources, other) === features);
  return [
    ...wide.filter((other) => !controls.includes(other))
      .map((other) => ({ name: `${modelTitle(other)}, random init`, id: probed(other, "random") })),
    ...wide.filter((other) => controls.includes(other))
      .map((other) => ({ name: modelTitle(other), id: probed(other, "teacher") })),
    ...controlRows(sources.controls).filter((control) => control.features === features)
      .map(({ title, row }) => ({ name: title, id: controlled(row) })),
  ];
}

function widthOf({ trained }: Sources, model: string): number {
  return trained.find((artifact) => modelOf(artifact) === model)?.meta.embedding ?? NaN;
}

function leafFeatures({ layerProbes }: Sources, model: string): number {
  const probed = layerProbes.find((artifact) => modelOf(artifact) === model);
  return probed?.meta.layers.find(({ name }) => name === "leaves")?.features ?? NaN;
}

/** The section; undefined if there is nothing to compare. */
export function gainsSection(
  sources: Sources,
  { answers, buffered }: { readonly answers?: Answers; readonly buffered: readonly string[] },
): string | undefined {
  const gains = answers === undefined ? [] : gainsOf(answers, sources);
  if (answers === undefined || gains.length === 0) return undefined;
  const rows = gains.map(({ model, of, with: other, features, difference }) => [
    `${modelTitle(model)}${buffered.includes(model) ? " †" : ""}`,
    of,
    thousands(features),
    other,
    points(difference.mean),
    pointsRange(difference.interval),
  ]);
  return joined([
    "## What training added",
    table(["Type", "Features", "Width", "Against", "Difference, points", "95% interval"], rows, {
      align: "llrlrr",
    }),
    caption(sources, answers),
    rows.some(([type]) => type.endsWith("†"))
      ? "† With BatchNorm: the difference may be that of [running statistics](#known-differences-between-rows) alone."
      : undefined,
  ]);
}

function caption({ layerProbes, probes }: Sources, { labels }: Answers): string {
  const seeds = new Set(probes.map(({ point }) => point.seed)).size;
  const [judged] = ordered(layerProbes).filter(({ meta }) =>
    meta.layers.some(({ name }) => name === "leaves")
  );
  return [
    `*Linear probe, paired on the same ${thousands(labels.length)} test images; ${intervalsOf(seeds)}.*`,
    "They are not corrected for their number.",
    "A probe gains from width, so only features of the same width are compared here; the others are among the " +
    "[paired comparisons](#verdict).",
    ...judged === undefined ? [] : [
      `Leaf outputs: of all leaves side by side, fitted on ${
        from(judged.task, thousands(judged.meta.fitted))
      } training images.`,
    ],
  ].join(" ");
}
