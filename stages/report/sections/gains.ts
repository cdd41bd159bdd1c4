/**
 * The section that compares every row with its own initial weights and with the controls of its width.
 *
 * @module
 */
import { type Against, isMet, least, type Met } from "../../../treenet/statistics/bar.ts";
import type { CrossedMean } from "../../../treenet/statistics/crossed.ts";
import { type Answers, controlled, layerOf, probed } from "../read/answers.ts";
import { compare, type Side } from "../read/comparisons.ts";
import { controlRows } from "../read/control_rows.ts";
import { joined, table } from "../../../formats/markdown.ts";
import { compact, plural, points, pointsRange, thousands } from "../../../formats/written_numbers.ts";
import { from, modelOf } from "../../section.ts";
import { modelTitle } from "../read/poster.ts";
import { modelsOf, ordered, type Sources } from "../read/sources.ts";

/** One comparison of the table. */
export interface Gain {
  readonly model: string;
  readonly against: Against;
  /** Title of the other side. */
  readonly with: string;
  /** Number of features of an image, on either side. */
  readonly features: number;
  readonly difference: CrossedMean;
  readonly met: Met;
}

/** The row that the bar was set for; the other rows are shown beside it. */
const barred = "dense-join";

/** Gains of every model that is not a control: of its embedding, then of its leaves' outputs. */
function gainsOf(answers: Answers, sources: Sources): readonly Gain[] {
  const controls = modelsOf(sources.trained.filter(({ meta }) => meta.control === true));
  const models = modelsOf(sources.probes).filter((model) => !controls.includes(model));
  return models.flatMap((model) => {
    const features = widthOf(sources, model);
    const own = (row: string): Side => ({ name: model, id: probed(model, row) });
    const gain = (against: Against, sides: readonly [Side, Side], of: Pick<Gain, "with" | "features">) => {
      const [a, b] = sides;
      const found = compare(answers, { kind: "control", a, b, probe: "linear" });
      if (found === undefined) return [];
      const { difference } = found;
      return [{ model, against, ...of, difference, met: isMet(difference, against) }];
    };
    const leaves = (row: "teacher" | "random"): Side => ({
      name: model,
      id: layerOf(model, { layer: "leaves", reading: row }),
    });
    return [
      ...gain("own-embedding", [own("teacher"), own("random")], { with: "its random init", features }),
      ...asWide(sources, { model, controls, features }).flatMap((side) =>
        gain("control", [own("teacher"), side], { with: side.name, features })
      ),
      ...gain("own-leaves", [leaves("teacher"), leaves("random")], {
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
  const rows = gains.map(({ model, against, with: other, features, difference, met }) => [
    `${modelTitle(model)}${buffered.includes(model) ? " †" : ""}`,
    against === "own-leaves" ? "leaf outputs" : "embedding",
    thousands(features),
    other,
    points(difference.mean),
    pointsRange(difference.interval),
    against === "control" ? "> 0" : `≥ ${compact(100 * least[against])}`,
    met,
  ]);
  return joined([
    "## What training added",
    verdictInWords(gains),
    table(
      ["Type", "Features", "Width", "Against", "Difference, points", "95% interval", "Bar", "Met"],
      rows,
      {
        align: "llrlrrrl",
      },
    ),
    caption(sources, answers),
    rows.some(([type]) => type.endsWith("†"))
      ? "† With BatchNorm: the difference may be that of [running statistics](#known-differences-between-rows) alone."
      : undefined,
  ]);
}

/** Verdict in words on the row that the bar was set for. */
function verdictInWords(gains: readonly Gain[]): string {
  const own = gains.filter(({ model }) => model === barred);
  const title = modelTitle(barred);
  const bar = `The bar, [set beforehand](../../docs/verdict.md#the-bar), is for ${title}: its embedding at ` +
    `least ${
      compact(100 * least["own-embedding"])
    } points above its random initialisation and above every control of ` +
    `the same width; the outputs of its leaves, all together, at least ${
      compact(100 * least["own-leaves"])
    } points ` +
    "above those of the same leaves before training.";
  if (own.length === 0) return `${bar} ${title} was not judged here.`;
  const met = own.filter((gain) => gain.met !== "no");
  const whole = own.filter((gain) => gain.met === "yes");
  const missing = own.some(({ against }) => against === "own-leaves") ? [] : [
    "Its leaf outputs were not judged here, so the bar is not met as a whole.",
  ];
  return [
    bar,
    `**${met.length === own.length && missing.length === 0 ? "Met" : "Not met"}:** of ` +
    `${plural(own.length, "comparison")}, ${thousands(met.length)} reach it, ${
      thousands(whole.length)
    } with all of the ` +
    "95% interval.",
    ...missing,
  ].join(" ");
}

function caption({ layerProbes, probes, trained }: Sources, { labels }: Answers): string {
  const seeds = new Set(probes.map(({ point }) => point.seed)).size;
  const [judged] = ordered(layerProbes).filter(({ meta }) =>
    meta.layers.some(({ name }) => name === "leaves")
  );
  const bars = ordered(trained).some(({ meta }) => meta.control !== true);
  return [
    `*Linear probe, paired on the same ${
      thousands(labels.length)
    } test images; intervals of resampled images`,
    seeds > 1
      ? `and ${plural(seeds, "seed")}.*`
      : "alone: with one seed they say nothing about other seeds.*",
    "They are not corrected for their number.",
    ...bars ? ["Rows for which no bar was set are held against the same numbers."] : [],
    "A probe gains from width, so only features of the same width are compared here; the others are among the " +
    "[paired comparisons](#verdict).",
    ...judged === undefined ? [] : [
      `Leaf outputs: of all leaves side by side, fitted on ${
        from(judged.task, thousands(judged.meta.fitted))
      } training images.`,
    ],
  ].join(" ");
}
