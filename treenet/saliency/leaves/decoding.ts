/**
 * The class information in single leaves: ridge probes on each leaf's outputs alone, for the trained leaves
 * and for those of the untrained network (the null), and the concentration of gains by chance.
 *
 * On the selection half, probes are cross-fitted: each half of it is scored by a probe of the other. On the
 * measurement half, the scores come from a probe of the whole selection half.
 *
 * @module
 */
import { argmax } from "../../probe/logistic.ts";
import { stratifiedSplit } from "../../probe/split.ts";
import { permutation, random } from "../../random.ts";
import { aurocs } from "../auroc.ts";
import { concentration, gainsOver } from "./concentration.ts";
import { gainErrors, type Placements, placementsOf } from "./gain_error.ts";
import { at, type Halves } from "./halves.ts";
import { mean } from "../quantile.ts";
import { RidgeProbe } from "./ridge.ts";

/** Outputs of m leaves on n images, [n, m, size]. */
export interface LeafOutputs {
  readonly x: Float32Array;
  readonly leaves: number;
  readonly size: number;
}

/** Result of a ridge probe of one leaf, on one half of the images. */
export interface Decoding {
  /** Accuracy on images that the probe was not fitted on. */
  readonly accuracy: number;
  /** AUROC of each class against the rest. */
  readonly aurocs: Float64Array;
}

/** Results of one leaf on each half of the images. */
export type HalvedDecoding = Readonly<Record<keyof Halves, Decoding>>;

export interface DecodingReport {
  readonly trained: readonly HalvedDecoding[];
  readonly null: readonly HalvedDecoding[];
  /**
   * Concentrations that even learners would show on the selection half: the trained leaves' mean gain on
   * every class, plus the apparent gain of each leaf under permuted labels, which is noise; one value a leaf
   * and permutation. (Noise alone would not do: without a true gain there are only a few chance gains, which
   * look highly concentrated.)
   */
  readonly chance: Float64Array;
  /** Standard errors of each trained leaf's AUROC gains on the measurement half, [classes]. */
  readonly gainErrors: readonly Float64Array[];
}

export interface DecodingOptions {
  readonly labels: Uint8Array;
  readonly halves: Halves;
  readonly classes: number;
  /** Ridge penalty, relative to a variance of 1. */
  readonly alpha: number;
  readonly permutations: number;
  readonly seed: number;
  readonly progress?: (done: number, total: number) => void | Promise<void>;
}

/** Number of this random stream, so that no other draw repeats it. */
const STREAM = 0x9_e2_77;

/** Probes trained and untrained leaves on the same images, one leaf at a time. */
export async function decode(
  trained: LeafOutputs,
  untrained: LeafOutputs,
  options: DecodingOptions,
): Promise<DecodingReport> {
  const permuted = permutedLabels(options);
  const total = trained.leaves + untrained.leaves;
  const probeEach = async (outputs: LeafOutputs, before: number) => {
    const probed: Probed[] = [];
    for (const leaf of leafNumbers(outputs)) {
      probed.push(probeLeaf(outputsOf(outputs, leaf), permuted, { ...options, size: outputs.size }));
      await options.progress?.(before + leaf + 1, total);
    }
    return probed;
  };
  const own = await probeEach(trained, 0);
  const other = await probeEach(untrained, trained.leaves);
  const truth = at(options.labels, options.halves.measurement);
  const placed = other.map(({ placements }) => placements);
  return {
    trained: own,
    null: other,
    chance: evenLearners(own, other),
    gainErrors: own.map(({ placements }) => gainErrors(placements, placed, truth)),
  };
}

function permutedLabels({ labels, permutations, seed }: DecodingOptions): readonly Uint8Array[] {
  return Array.from({ length: permutations }, (_, round) => {
    const order = permutation(labels.length, random(seed, STREAM, round));
    return Uint8Array.from(order, (row) => labels[row]);
  });
}

/** Concentrations of leaves whose true gain on each class is the mean gain of the trained leaves. */
function evenLearners(own: readonly Probed[], other: readonly Probed[]): Float64Array {
  const evenGain = meanGain(own, other);
  const chance = own[0].permuted.flatMap((_, round) => {
    const below = meanOf(other.map(({ permuted }) => permuted[round])).map((value) => value - evenGain);
    return own.map(({ permuted }) => concentration(gainsOver(permuted[round], below)));
  });
  return Float64Array.from(chance);
}

/** Results of one leaf, with its AUROCs on the selection half under each permutation of the labels. */
interface Probed extends HalvedDecoding {
  readonly permuted: readonly Float64Array[];
  /** Placements on the measurement half. */
  readonly placements: Placements;
}

function probeLeaf(
  outputs: Float32Array,
  permuted: readonly Uint8Array[],
  options: DecodingOptions & { readonly size: number },
): Probed {
  const { labels, classes, seed, halves: { selection, measurement } } = options;
  const inner = stratifiedSplit(at(labels, selection), { share: 0.5, seed });
  const [one, two] = [inner.kept, inner.held].map((rows) => rows.map((row) => selection[row]));
  const fitted = (kept: Int32Array, held: Int32Array): Fitted => ({
    probe: new RidgeProbe(outputs, { ...options, split: { kept, held } }),
    held,
  });
  const crossed = [fitted(one, two), fitted(two, one)]; // each probe scores the images of the other
  const whole = fitted(selection, measurement);
  return {
    selection: decodingOf(crossed, { labels, classes }),
    measurement: decodingOf([whole], { labels, classes }),
    placements: placementsOf(whole.probe.scores(labels), { labels: at(labels, measurement), classes }),
    permuted: permuted.map((labels) => decodingOf(crossed, { labels, classes }).aurocs),
  };
}

/** A probe and the rows that it scores. */
interface Fitted {
  readonly probe: RidgeProbe;
  readonly held: Int32Array;
}

function decodingOf(
  probes: readonly Fitted[],
  { labels, classes }: { readonly labels: Uint8Array; readonly classes: number },
): Decoding {
  const scores = Float64Array.from(probes.flatMap(({ probe }) => [...probe.scores(labels)]));
  const truth = Uint8Array.from(probes.flatMap(({ held }) => [...at(labels, held)]));
  return scored(scores, { labels: truth, classes });
}

/** Mean over trained leaves of the gain in mean AUROC over the null's; a loss counts as 0. */
function meanGain(trained: readonly HalvedDecoding[], untrained: readonly HalvedDecoding[]): number {
  const baseline = mean(meanOf(untrained.map(({ selection }) => selection.aurocs)));
  return mean(trained.map(({ selection }) => Math.max(0, mean(selection.aurocs) - baseline)));
}

/** Mean over leaves of their AUROCs, by class. */
export function meanOf(all: readonly Float64Array[]): Float64Array {
  return all[0].map((_, label) => mean(all.map((each) => each[label])));
}

/** Outputs of one leaf, [n, size]; only the images `rows`, if given. */
export function outputsOf(
  { x, leaves, size }: LeafOutputs,
  leaf: number,
  rows?: Int32Array,
): Float32Array {
  const n = rows?.length ?? x.length / (leaves * size);
  const out = new Float32Array(n * size);
  for (let i = 0; i < n; i++) {
    const from = ((rows?.[i] ?? i) * leaves + leaf) * size;
    out.set(x.subarray(from, from + size), i * size);
  }
  return out;
}

export function leafNumbers({ leaves }: { readonly leaves: number }): readonly number[] {
  return Array.from({ length: leaves }, (_, leaf) => leaf);
}

function scored(
  scores: Float64Array,
  { labels, classes }: { readonly labels: Uint8Array; readonly classes: number },
): Decoding {
  const right = labels.reduce(
    (count, label, i) => count + (argmax(scores.subarray(i * classes, (i + 1) * classes)) === label ? 1 : 0),
    0,
  );
  return { accuracy: right / labels.length, aurocs: aurocs(scores, { labels, classes }) };
}
