/**
 * Rates of kernels as a Markdown table, a row for every step of every layer and for its matrix products.
 *
 * @module
 */
import type { LayerRate, Rates, Way } from "./measured_rates.ts";

/** A column for every number of cores. */
export function kernelTable({ ceilings, layers }: Rates): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const head = [
    "Layer",
    "What",
    ...ceilings.map(({ cores }) => `${cores} core${cores > 1 ? "s" : ""}`),
  ];
  const rows = Map.groupBy(layers, (rate) => `${rate.profile} ${rate.layer} ${rate.part}`).values();
  return [
    line(head),
    line(head.map(() => "---")),
    line(["ceiling", "", ...ceilings.map(({ gflops }) => gflops.toFixed(1))]),
    ...[...rows].map(([first, ...others]) =>
      line([nameOf(first), first.part, ...ceilings.map((way) => cellOf([first, ...others].find(isOf(way))!))])
    ),
  ].join("\n");
}

function nameOf({ profile, inputs, outputs, from, to }: LayerRate): string {
  return `\`${profile}\` ${inputs}→${outputs}, ${from}→${to} px`;
}

/** "38.2, 64%", in Winograd's form "61.2 (31.4), 53%" */
function cellOf({ gflops, executed, ofCeiling }: LayerRate): string {
  const done = executed !== gflops ? ` (${executed.toFixed(1)})` : "";
  return `${gflops.toFixed(1)}${done}, ${(100 * ofCeiling).toFixed(0)}%`;
}

function isOf({ cores }: Way): (rate: Way) => boolean {
  return (rate) => rate.cores === cores;
}
