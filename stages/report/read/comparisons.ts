/**
 * Paired differences of accuracy, on the same test images and seeds, and the verdict that follows.
 *
 * @module
 */
import type { Row as CsvRow } from "../../../formats/csv.ts";
import { type CrossedMean, crossedMean } from "../../../treenet/statistics/crossed.ts";
import { difference } from "../../../treenet/statistics/paired.ts";
import {
  claimedOrder,
  type JudgedPair,
  type JudgedRow,
  type Verdict,
  verdict,
} from "../../../treenet/statistics/verdict.ts";
import { type Answers, answersOf, controlled, layerOf, probed } from "./answers.ts";
import { controlRows } from "./control_rows.ts";
import { rounded } from "../../../formats/written_numbers.ts";
import { posterTable } from "./poster.ts";
import { modelsOf, type Sources } from "./sources.ts";

/** A paired difference a − b. */
export interface Comparison {
  /**
   * Kind of pair: a model and its initial weights; two models that are adjacent in the paper's table; a model
   * and a control; a tree's leaves and their initial weights.
   */
  readonly kind: "gain" | "step" | "control" | "leaves";
  readonly a: Side;
  readonly b: Side;
  /** Probe of both sides: `linear` is our probe, `released` the released code's on raw pixels. */
  readonly probe: "linear" | "released";
  /** Seeds that both sides have. */
  readonly seeds: readonly number[];
  readonly difference: CrossedMean;
}

/** One side of a comparison: features of a model, or a control. */
export interface Side {
  readonly name: string;
  /** Id in {@linkcode Answers}. */
  readonly id: string;
}

/** Compares two sides; undefined if they have no seed in common. */
export function compare(
  answers: Answers,
  { kind, a, b, probe }: Pick<Comparison, "kind" | "a" | "b" | "probe">,
): Comparison | undefined {
  const [ofA, ofB] = [a, b].map(({ id }) => [...answers.judged.get(id)?.keys() ?? []]);
  const seeds = ofA.filter((seed) => ofB.includes(seed));
  const [x, y] = [a, b].map(({ id }) => answersOf(answers, id, seeds));
  if (x === undefined || y === undefined) return undefined;
  return { kind, a, b, probe, seeds, difference: crossedMean(difference(x, y)) };
}

/** A model's trained features under our probe. */
function trained(model: string): Side {
  return { name: model, id: probed(model, "teacher") };
}

/** The gain of a model over its own initial weights. */
export function gainOf(answers: Answers, model: string): Comparison | undefined {
  const b = { name: `${model}, random init`, id: probed(model, "random") };
  return compare(answers, { kind: "gain", a: trained(model), b, probe: "linear" });
}

/** Comparisons of a report: gains, neighbours in the paper's order by both probes, models and controls. */
export function comparisonsOf(answers: Answers, sources: Sources): readonly Comparison[] {
  const models = modelsOf(sources.probes);
  const rows = posterTable.map(({ model }) => model).filter((model) => models.includes(model));
  const steps = rows.slice(1).map((worse, i) => [rows[i], worse] as const);
  const released = (model: string): Side => ({ name: model, id: probed(model, "released-raw") });
  const references = modelsOf(sources.trained.filter(({ meta }) => meta.control === true));
  const controls = [
    ...references.map(trained),
    ...controlRows(sources.controls).map(({ title, row }) => ({ name: title, id: controlled(row) })),
  ];
  return [
    ...models.map((model) => gainOf(answers, model)),
    ...models.map((model) => {
      const side = (name: string, row: "teacher" | "random"): Side => ({
        name,
        id: layerOf(model, { layer: "leaves", reading: row }),
      });
      const [a, b] = [side(`${model}, leaves`, "teacher"), side(`${model}, leaves, random init`, "random")];
      return compare(answers, { kind: "leaves", a, b, probe: "linear" });
    }),
    ...steps.map(([a, b]) =>
      compare(answers, { kind: "step", a: trained(a), b: trained(b), probe: "linear" })
    ),
    ...steps.map(([a, b]) =>
      compare(answers, { kind: "step", a: released(a), b: released(b), probe: "released" })
    ),
    ...models.filter((model) => !references.includes(model)).flatMap((model) =>
      controls.map((b) => compare(answers, { kind: "control", a: trained(model), b, probe: "linear" }))
    ),
  ].filter((found) => found !== undefined);
}

/** Verdict on a run. */
export function verdictOn(
  answers: Answers | undefined,
  { scaledDown }: { readonly scaledDown: boolean },
): Verdict {
  const id = (model: string) => probed(model, "released-raw");
  const rows = posterTable.map(({ model, accuracy }): JudgedRow => {
    const found = answers && answersOf(answers, id(model));
    const interval = found && crossedMean(found).interval;
    return { model, paper: accuracy / 100, seeds: seedsOf(answers, model), interval };
  });
  const pairs = claimedOrder.slice(1).map((worse, i): JudgedPair => {
    const better = claimedOrder[i];
    const [a, b] = [better, worse].map((model) => ({ name: model, id: id(model) }));
    const found = answers && compare(answers, { kind: "step", a, b, probe: "released" });
    const seeds = Math.min(...[better, worse].map((model) => seedsOf(answers, model)));
    return { better, worse, seeds: found?.seeds.length ?? seeds, interval: found?.difference.interval };
  });
  return verdict({ scaledDown, rows, pairs });
}

function seedsOf(answers: Answers | undefined, model: string): number {
  return answers?.judged.get(probed(model, "teacher"))?.size ?? 0;
}

/** Column order of `comparisons.csv`. */
export const comparisonsColumns = [
  "a",
  "b",
  "probe",
  "seeds",
  "images",
  "difference",
  "low",
  "high",
] as const;

/** Rows of `comparisons.csv`: a − b, as fractions. */
export function comparisonsRows(comparisons: readonly Comparison[], answers: Answers | undefined): CsvRow[] {
  return comparisons.map(({ a, b, probe, seeds, difference: { mean, interval } }) => ({
    a: a.name,
    b: b.name,
    probe,
    seeds: seeds.join(" "),
    images: answers?.labels.length ?? null,
    difference: rounded(mean),
    low: rounded(interval[0]),
    high: rounded(interval[1]),
  }));
}
