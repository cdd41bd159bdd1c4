/**
 * The power of the rule: how large an effect has to be for a leaf to be called by it in 80% of the cases, with the number of
 * images and leaves there are. Tests are taken at Holm's strictest level, α / m, so that the power is not overstated.
 *
 * @module
 */
import type { AreaGains } from "../../statistics/delong.ts";
import { normalQuantile } from "../../statistics/normal.ts";
import { mean, quantile } from "../quantile.ts";
import { type Rule, standsOut } from "./categories.ts";
import type { HalvedDecoding } from "./decoding.ts";
import { contrastOf, Contrasts, evenLearners, noiseOf } from "./specialism.ts";

/** Power to find a specialist that gains `ratio` times as much on some classes as on the others. */
export interface SpecialistPower {
  /** Probability that it is found at three times as much, with the tree's mean gain. */
  readonly atThree: number;
  /** Least ratio found with 80%, with the tree's mean gain; null above {@linkcode LARGEST_RATIO}. */
  readonly ratio: number | null;
  /** Least mean gain over classes with which three times as much is found with 80%, AUROC; null above {@linkcode LARGEST_GAIN}. */
  readonly meanGain: number | null;
}

/** The power of the rule on one tree. */
export interface Power {
  /** Least gain in accuracy, a fraction, that McNemar's test finds with 80%. */
  readonly accuracy: number;
  /** The tree's mean gain over classes and over leaves that learned; null where none did. */
  readonly meanGain: number | null;
  /** Specialists for one class, averaged over which, and for the four vehicles. */
  readonly oneClass: SpecialistPower | null;
  readonly vehicles: SpecialistPower | null;
}

/** The probability asked for. */
const POWER = 0.8;
/** Largest ratio and mean gain tried. */
const LARGEST_RATIO = 20;
const LARGEST_GAIN = 0.3;
const DRAWS = 1000;
/** Steps of bisection, which leave 0.04 of a range of 20. */
const STEPS = 9;
/** Classes of the data: airplane, automobile, ship and truck. */
const VEHICLES = [0, 1, 8, 9];

/** Computes the power on the selection half; `seed` is that of the draws. */
export function powerOf(
  decodings: readonly HalvedDecoding[],
  { rule, learned, seed }: {
    readonly rule: Rule;
    readonly learned: readonly boolean[];
    readonly seed: number;
  },
): Power {
  const halves = decodings.map(({ selection }) => selection);
  const level = rule.level / halves.length;
  const accuracy = leastAccuracy(
    halves.map(({ learned, after }) => learned.discordant / after.predictions.length),
    {
      images: halves[0].after.predictions.length,
      level,
    },
  );
  const gaining = halves.filter((_, leaf) => learned[leaf]).map(({ gains }) => gains);
  const meanGain = mean(gaining.map(({ values }) => mean(values)));
  if (!(meanGain > 0)) return { accuracy, meanGain: null, oneClass: null, vehicles: null };
  const power = specialistPower(averageCovariance(gaining), { rule, level, seed });
  const classes = Array.from(gaining[0].values.keys());
  const of = (patterns: readonly (readonly number[])[]): SpecialistPower => {
    const found = (ratio: number, gain: number) =>
      mean(patterns.map((pattern) => power(patternOf(pattern, { ratio, gain, classes: classes.length }))));
    return {
      atThree: found(3, meanGain),
      ratio: least((ratio) => found(ratio, meanGain), [1, LARGEST_RATIO]),
      meanGain: least((gain) => found(3, gain), [0, LARGEST_GAIN]),
    };
  };
  return { accuracy, meanGain, oneClass: of(classes.map((label) => [label])), vehicles: of([VEHICLES]) };
}

/** (z_α + z_β) standard errors of the paired difference, which is √(discordant share / n). */
function leastAccuracy(
  discordant: readonly number[],
  { images, level }: { readonly images: number; readonly level: number },
): number {
  return (normalQuantile(level) + normalQuantile(1 - POWER)) *
    Math.sqrt(quantile(discordant, 0.5) / images);
}

/** Function from true gains to the probability that a leaf with them is called a specialist. */
function specialistPower(
  covariance: AreaGains["covariance"],
  { rule, level, seed }: { readonly rule: Rule; readonly level: number; readonly seed: number },
): (gains: Float64Array) => number {
  const contrasts = new Contrasts(covariance);
  const critical = criticalValue(evenLearners(covariance, { draws: rule.draws, seed }), level);
  const noise = noiseOf(covariance, { draws: DRAWS, seed: seed + 1 });
  const found = (gains: Float64Array) => {
    const { classes, statistic } = contrasts.favoured(gains);
    return statistic > critical && standsOut(contrastOf(gains, classes), rule) ? 1 : 0;
  };
  return (gains) => mean(noise.map((each) => found(gains.map((gain, label) => gain + each[label]))));
}

/** The value above which p is at most `level`; infinite where there are too few draws for that. */
function criticalValue(chance: Float64Array, level: number): number {
  const above = Math.floor(level * (chance.length + 1)) - 1;
  return above < 0 ? Infinity : chance.toSorted()[chance.length - 1 - above];
}

/** Gains that are `ratio` times as large on the classes of a pattern, with a mean of `gain` over all classes. */
export function patternOf(
  pattern: readonly number[],
  { ratio, gain, classes }: { readonly ratio: number; readonly gain: number; readonly classes: number },
): Float64Array {
  const base = gain * classes / (ratio * pattern.length + classes - pattern.length);
  return Float64Array.from({ length: classes }, (_, label) => pattern.includes(label) ? ratio * base : base);
}

/** The least value in a range at which a rising function reaches the power asked for; null where it does not. */
function least(power: (value: number) => number, [low, high]: readonly [number, number]): number | null {
  if (power(high) < POWER) return null;
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    if (power(middle) < POWER) low = middle;
    else high = middle;
  }
  return high;
}

function averageCovariance(gains: readonly AreaGains[]): AreaGains["covariance"] {
  return gains[0].covariance.map((row, a) =>
    row.map((_, b) => mean(gains.map(({ covariance }) => covariance[a][b])))
  );
}
