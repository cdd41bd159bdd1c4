/**
 * The generated parts of docs/performance.md and of README.md.
 *
 * @module
 */
import type { Measurements, Peers } from "./measurements.ts";
import { growthOf, speedupOf, stepSpeedups } from "./suite_growth.ts";
import { machineText, quantityOf, timesOf, titleOf } from "./performance_words.ts";

type Entry = Peers["entries"][number];

/** Every comparison, a row each. */
export function peersPart({ peers: { machine, entries } }: Measurements): string {
  const head = ["What", "By", "Ours", "Peer", "Ratio", "Peer and way"];
  return [
    line(head),
    line(head.map(() => "---")),
    ...entries.map((entry) => line(rowOf(entry))),
    "",
    `Measured on ${machineText(machine)}.`,
  ].join("\n");
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function rowOf(
  { name, backend, mode, ours, peer, ratio, unit, against, note, runs }: Entry,
): readonly string[] {
  return [
    titleOf(name),
    `${backend}, ${mode}`,
    quantityOf(ours, { runs: runs.ours, unit }),
    quantityOf(peer, { runs: runs.peer, unit }),
    `**${timesOf(ratio)}**`,
    note === undefined ? against : `${against}; ${note}`,
  ];
}

/** The growth of a step's time. */
export function scalingPart({ scaling: { machine, points } }: Measurements): string {
  const growth = (["m", "batch"] as const).map((axis) => growthOf(points, axis)).filter((one) =>
    one !== undefined
  );
  const speedup = speedupOf(points);
  return [
    ...growth.map(({ axis, from, to, exponent, factor }) =>
      `- From ${axis === "m" ? "m = " : "batch "}${from} to ${to} a step takes ${
        factor.toFixed(1)
      } times as long: ` +
      `it grows as ${axis === "m" ? "m" : "batch"}^${exponent.toFixed(2)}.`
    ),
    ...speedup === undefined ? [] : [
      `- ${speedup.cores} cores are ${speedup.least.toFixed(2)} to ${
        speedup.most.toFixed(2)
      } times as fast as one.`,
    ],
    "",
    `Measured on ${machineText(machine)}.`,
  ].join("\n");
}

/** The speedup by several cores, for the steps that are compared with PyTorch. */
export function coresPart({ scaling: { machine, steps } }: Measurements): string {
  const seconds = (ms: number) => (ms / 1000).toFixed(2);
  const rows = stepSpeedups(steps).map(({ name, backend, cores, alone, together, times }) =>
    line([
      titleOf(name),
      backend,
      seconds(alone),
      `${seconds(together)} on ${cores}`,
      `**${timesOf(times)}**`,
    ])
  );
  return [
    line(["What", "By", "One core, s", "More, s", "Faster"]),
    line(["---", "---", "---:", "---:", "---:"]),
    ...rows,
    "",
    `Measured on ${machineText(machine)}.`,
  ].join("\n");
}

/** A few lines for the README. */
export function quotePart({ peers: { machine, entries } }: Measurements): string {
  const parts = [
    ["train-step/", "training steps", "PyTorch"],
    ["augmentation/", "augmentation", "torchvision"],
    ["probe/", "the linear probe", "scikit-learn"],
    ["umap/", "UMAP", "umap-learn"],
    ["rerun/", "reruns", "Snakemake", "/snakemake"],
    ["rerun/", "reruns", "DVC", "/dvc"],
    ["rerun/", "reruns", "Ninja", "/ninja"],
  ] as const;
  const lines = parts.flatMap(([prefix, what, peer, end = ""]) => {
    const of = entries.filter(({ name }) => name.startsWith(prefix) && name.endsWith(end));
    return [...Map.groupBy(of, ({ backend }) => backend)].map(([backend, all]) => {
      const by = prefix === "train-step/" ? ` by \`${backend}\`` : "";
      return `- ${what}${by}: ${rangeOf(all)} the speed of ${peer}`;
    });
  });
  return [...lines, "", `on ${machine.cores} cores of ${machine.cpu}.`].join("\n");
}

function rangeOf(entries: readonly Entry[]): string {
  const ratios = entries.map(({ ratio }) => ratio);
  const [least, most] = [Math.min(...ratios), Math.max(...ratios)].map(timesOf);
  return least === most ? least : `${least} to ${most}`;
}
