/**
 * Numbers as a report prints them, and their spread over seeds.
 *
 * @module
 */

/** 23508032 → "23,508,032". */
export function thousands(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** 0.7184 → "71.8". */
export function percent(fraction: number): string {
  return (fraction * 100).toFixed(1);
}

/** Rounds to a millionth, for tables of data, so that the order of a sum leaves no trace. */
export function rounded(fraction: number): number {
  return Math.round(fraction * 1e6) / 1e6;
}

/** 0.0123 → "+1.2", −0.0123 → "−1.2": points of accuracy between two fractions. */
export function points(difference: number): string {
  const shown = percent(Math.abs(difference));
  return `${shown === "0.0" ? "" : difference < 0 ? "−" : "+"}${shown}`;
}

/** 1.234e15 → "1.2 PFLOP", to two digits. */
export function flops(count: number): string {
  const units = ["", "k", "M", "G", "T", "P", "E", "Z"];
  const power = Math.floor(Math.log10(Math.max(count, 1)) / 3);
  return `${compact(count / 1000 ** power, 2)} ${units[power]}FLOP`;
}

/** Number with at most `digits` significant digits, without trailing zeros: 0.04 → "0.04", 1e-6 → "1e-6". */
export function compact(value: number, digits = 4): string {
  return String(Number(value.toPrecision(digits)));
}

export interface Spread {
  readonly mean: number;
  /** Sample standard deviation; absent for a single value. */
  readonly sd?: number;
}

/** Mean and sample SD (n − 1) of at least one value. */
export function spread(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length < 2) return { mean };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: Math.sqrt(squares / (values.length - 1)) };
}

/** "1 model", "4 models"; `many` where the plural is not regular. */
export function plural(count: number, noun: string, many = `${noun}s`): string {
  return `${thousands(count)} ${count === 1 ? noun : many}`;
}

/** ["a", "b", "c"] → "a, b and c". */
export function listed(words: readonly string[], conjunction: "and" | "or" = "and"): string {
  return words.length < 2
    ? words.join("")
    : `${words.slice(0, -1).join(", ")} ${conjunction} ${words.at(-1)}`;
}

/** "not tested" → "Not tested". */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Both ends of an interval of fractions, in per cent: "43.1–46.9". */
export function percentRange([low, high]: readonly [number, number]): string {
  return `${percent(low)}–${percent(high)}`;
}

/** Both ends of an interval of differences, in points: "−0.4 to +2.1". */
export function pointsRange([low, high]: readonly [number, number]): string {
  return `${points(low)} to ${points(high)}`;
}
