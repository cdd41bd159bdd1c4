/**
 * What single leaves know about the classes: a ridge probe on each leaf's outputs alone, fitted on one stratified
 * half of the test images and scored on the other, for the trained leaves and for those of the untrained network
 * (the null), and how concentrated the gain over the null is by chance.
 *
 * @module
 */
import { argmax } from "../probe/logistic.ts";
import { stratifiedSplit } from "../probe/split.ts";
import { permutation, random } from "../random.ts";
import { aurocs } from "./auroc.ts";
import { concentration, gainsOver } from "./concentration.ts";
import { mean } from "./quantile.ts";
import { RidgeProbe } from "./ridge.ts";

/** Outputs of m leaves on n images, [n, m, size]. */
export interface LeafOutputs {
  readonly x: Float32Array;
  readonly leaves: number;
  readonly size: number;
}

/** One leaf's. */
export interface Decoding {
  /** Of the ridge probe on the held-out half. */
  readonly accuracy: number;
  /** One against the rest, by class. */
  readonly aurocs: Float64Array;
}

export interface DecodingReport {
  readonly trained: readonly Decoding[];
  readonly null: readonly Decoding[];
  /**
   * Concentrations that even learners would show: the trained leaves' mean gain on every class, plus what each leaf
   * seems to gain under permuted labels, which is noise; one a leaf and permutation. (Noise alone would not do: with
   * no true gain a few chance gains are all there is, and look as concentrated as can be.)
   */
  readonly chance: Float64Array;
}

export interface DecodingOptions {
  readonly labels: Uint8Array;
  readonly classes: number;
  /** Ridge penalty, relative to a variance of 1. */
  readonly alpha: number;
  readonly permutations: number;
  readonly seed: number;
  readonly progress?: (done: number, total: number) => void | Promise<void>;
}

/** Names this use of the seed, so that no other draw repeats it. */
const STREAM = 0x9_e2_77;

/** Probes trained and untrained leaves on the same images. */
export async function decode(
  trained: LeafOutputs,
  untrained: LeafOutputs,
  options: DecodingOptions,
): Promise<DecodingReport> {
  const { labels, classes, permutations, seed, progress } = options;
  const split = stratifiedSplit(labels, { share: 0.5, seed });
  const probesOf = (outputs: LeafOutputs) =>
    leafNumbers(outputs).map((leaf) =>
      new RidgeProbe(outputsOf(outputs, leaf), { ...options, size: outputs.size, split })
    );
  const [own, other] = [probesOf(trained), probesOf(untrained)];
  const held = (all: Uint8Array) => Uint8Array.from(split.held, (row) => all[row]);
  const decoding = (probe: RidgeProbe): Decoding =>
    decodingOf(probe.scores(labels), { labels: held(labels), classes });
  const [trainedLeaves, nullLeaves] = [own.map(decoding), other.map(decoding)];
  const evenGain = meanGain(trainedLeaves, nullLeaves);
  const chance: number[] = [];
  for (let round = 0; round < permutations; round++) {
    const order = permutation(labels.length, random(seed, STREAM, round));
    const permuted = Uint8Array.from(order, (row) => labels[row]);
    const of = (probe: RidgeProbe) => aurocs(probe.scores(permuted), { labels: held(permuted), classes });
    const below = meanOf(other.map(of)).map((value) => value - evenGain);
    chance.push(...own.map((probe) => concentration(gainsOver(of(probe), below))));
    await progress?.(round + 1, permutations);
  }
  return { trained: trainedLeaves, null: nullLeaves, chance: Float64Array.from(chance) };
}

/** The mean over trained leaves and classes of what their AUROC gains over the null's mean; a leaf's loss is 0. */
function meanGain(trained: readonly Decoding[], untrained: readonly Decoding[]): number {
  const baseline = mean(meanOf(untrained.map(({ aurocs }) => aurocs)));
  return mean(trained.map(({ aurocs }) => Math.max(0, mean(aurocs) - baseline)));
}

/** The mean over leaves of their AUROCs, by class. */
export function meanOf(all: readonly Float64Array[]): Float64Array {
  return all[0].map((_, label) => mean(all.map((each) => each[label])));
}

/** One leaf's outputs, [n, size]. */
export function outputsOf({ x, leaves, size }: LeafOutputs, leaf: number): Float32Array {
  const n = x.length / (leaves * size);
  const out = new Float32Array(n * size);
  for (let i = 0; i < n; i++) {
    const from = (i * leaves + leaf) * size;
    out.set(x.subarray(from, from + size), i * size);
  }
  return out;
}

export function leafNumbers({ leaves }: { readonly leaves: number }): readonly number[] {
  return Array.from({ length: leaves }, (_, leaf) => leaf);
}

function decodingOf(
  scores: Float64Array,
  { labels, classes }: { readonly labels: Uint8Array; readonly classes: number },
): Decoding {
  const right = labels.reduce(
    (count, label, i) => count + (argmax(scores.subarray(i * classes, (i + 1) * classes)) === label ? 1 : 0),
    0,
  );
  return { accuracy: right / labels.length, aurocs: aurocs(scores, { labels, classes }) };
}
