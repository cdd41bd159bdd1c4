/**
 * Measurements in words: names of comparisons, numbers, the machine.
 *
 * @module
 */
import type { Machine, Peers } from "./measurements.ts";

type Entry = Peers["entries"][number];

const PARTS: readonly (readonly [prefix: string, title: string])[] = [
  ["train-step/cpu-profile/", "step of the `cpu` profile, "],
  ["train-step/", "step, "],
  ["augmentation/multi-crop", "augmentation, 2 + 8 crops"],
  ["probe/lbfgs-", "linear probe, "],
  ["umap/", "UMAP, "],
  ["rerun/no-op/", "rerun, nothing changed, "],
  ["rerun/one-stage/", "rerun of one stage of eight, "],
];

/** Title of an entry's name, as `--only` takes it. */
export function titleOf(name: string): string {
  const [prefix, title] = PARTS.find(([prefix]) => name.startsWith(prefix)) ?? ["", ""];
  return title + name.slice(prefix.length).replaceAll("/", ", ").replace(/(\d)x(\d)/, "$1 × $2");
}

/** 0.853 → "0.85×", 12.34 → "12×" */
export function timesOf(ratio: number): string {
  return `${ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(2)}×`;
}

/** Quantity with the range of the runs: "70.3 (68.3–73.7) images/s" */
export function quantityOf(
  value: number,
  { runs, unit }: { readonly runs: readonly number[]; readonly unit: string },
) {
  const spread = runs.length > 1 ? ` (${short(Math.min(...runs))}–${short(Math.max(...runs))})` : "";
  return `${short(value)}${spread} ${unit}`;
}

/** Least and largest ratio of a turn. */
export function ratioRange({ runs, unit }: Entry): readonly [number, number] {
  const ratios = runs.ours.map((ours, i) => unit === "s" ? runs.peer[i] / ours : ours / runs.peer[i]);
  return [Math.min(...ratios), Math.max(...ratios)];
}

/** The machine, the date and the versions, as text. */
export function machineText({ cpu, cores, os, deno, busy, date, versions }: Machine): string {
  const peers = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${cores} cores of ${cpu}${os === undefined ? "" : ` (${os})`}`,
    ...busy === undefined ? [] : [`of which other work kept ${busy} busy before it began`],
    `Deno ${deno}`,
    ...peers,
    ...date === undefined ? [] : [date],
  ].join(", ");
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
