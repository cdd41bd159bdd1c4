/**
 * Quantities as text for people.
 *
 * @module
 */

/** Time as text: `0.4 s`, `12 s`, `3 min 05 s`, `2 h 10 min`. */
export function seconds(value: number): string {
  if (value < 9.95) return `${value.toFixed(1)} s`;
  const whole = Math.round(value);
  if (whole < 60) return `${whole} s`;
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  if (minutes < 60) return `${minutes} min ${String(rest).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

const UNITS = [["days", 86_400], ["h", 3600], ["min", 60], ["s", 1]] as const;

/** Estimated time as text, with two significant digits: `0.4 s`, `90 s`, `3.1 min`, `25 h`, `390 days`. */
export function roughly(seconds: number): string {
  const [unit, length] = UNITS.find(([, length]) => seconds >= 2 * length) ?? UNITS[UNITS.length - 1];
  const value = Number((seconds / length).toPrecision(2));
  return `${value.toLocaleString("en-US", { maximumFractionDigits: 1 })} ${unit}`;
}

/** Size as text, in powers of 1000: `512 B`, `1.2 GB`. */
export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  const scaled = value / 1000 ** power;
  return `${power === 0 ? scaled : scaled.toFixed(1)} ${units[power]}`;
}

/** Number as text, with enough digits to tell two rates apart: `0.42`, `4.2`, `1,234`. */
export function amount(value: number): string {
  if (value >= 100) return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
  return value >= 10 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(2);
}

/** Number with its noun: `1 task`, `2 tasks`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

/** Text cut to `length` characters, with the number of characters left out. */
export function cut(text: string, length: number): string {
  return text.length <= length
    ? text
    : `${text.slice(0, length)}… (and ${text.length - length} characters more)`;
}
