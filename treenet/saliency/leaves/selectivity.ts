/**
 * Class selectivity of a leaf's pooled ReLU channels (Morcos, Barrett, Rabinowitz and Botvinick 2018): (μ −
 * μ₋) / (μ + μ₋), with μ a channel's mean activation over its preferred class and μ₋ the mean of its means
 * over the other classes. The class is chosen on the selection half and the index measured on the measurement
 * half, so that a channel without a preference has 0 on average, not the largest of ten noisy means.
 *
 * @module
 */
import type { Halves } from "./halves.ts";
import { mean } from "../quantile.ts";

/** Activations after the last ReLU, averaged over positions: [n, m, channels], none negative. */
export interface Pooled {
  readonly x: Float32Array;
  readonly leaves: number;
  readonly channels: number;
}

export interface Selectivity {
  /** Mean over channels that are active on the measurement half, −1 to 1; 0 where none is. */
  readonly mean: number;
  readonly highest: number;
  /** Share of channels that are never active on the measurement half. */
  readonly dead: number;
}

export interface SelectivityOptions {
  /** [n] */
  readonly labels: Uint8Array;
  readonly classes: number;
  readonly halves: Halves;
}

/** Selectivity of every leaf. */
export function selectivities(pooled: Pooled, options: SelectivityOptions): readonly Selectivity[] {
  return Array.from({ length: pooled.leaves }, (_, leaf) => selectivityOf(pooled, leaf, options));
}

function selectivityOf(pooled: Pooled, leaf: number, { halves, ...by }: SelectivityOptions): Selectivity {
  const chosenOn = classMeans(pooled, leaf, { ...by, rows: halves.selection });
  const measuredOn = classMeans(pooled, leaf, { ...by, rows: halves.measurement });
  const indices = chosenOn.map((means, channel) =>
    indexOf(measuredOn[channel], means.indexOf(Math.max(...means)))
  ).filter((index) => index !== undefined);
  return {
    mean: indices.length === 0 ? 0 : mean(indices),
    highest: indices.length === 0 ? 0 : Math.max(...indices),
    dead: 1 - indices.length / pooled.channels,
  };
}

/** Selectivity index; undefined for a channel that is never active. */
function indexOf(means: readonly number[], preferred: number): number | undefined {
  const own = means[preferred];
  const others = mean(means.filter((_, label) => label !== preferred));
  return own + others === 0 ? undefined : (own - others) / (own + others);
}

/** Mean activation of each channel, by class. */
function classMeans(
  { x, leaves, channels }: Pooled,
  leaf: number,
  { labels, classes, rows }: Omit<SelectivityOptions, "halves"> & { readonly rows: Int32Array },
): readonly (readonly number[])[] {
  const sums = Array.from({ length: channels }, () => new Array<number>(classes).fill(0));
  const counts = new Array<number>(classes).fill(0);
  for (const row of rows) {
    const label = labels[row];
    counts[label]++;
    const from = (row * leaves + leaf) * channels;
    for (let channel = 0; channel < channels; channel++) sums[channel][label] += x[from + channel];
  }
  return sums.map((byClass) => byClass.map((sum, label) => counts[label] === 0 ? 0 : sum / counts[label]));
}
