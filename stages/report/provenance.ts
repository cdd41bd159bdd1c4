/**
 * The artifacts behind a report: their graph, and a table that every number links into.
 *
 * @module
 */
import type { Artifact } from "../../pipeline/types.ts";
import { anchor, fence, table, volatile } from "./markdown.ts";
import { stageOf } from "./sources.ts";

/** Stage → the stages whose artifacts it reads, as its module declares them; a test compares the two. */
export const upstream: Readonly<Record<string, readonly string[]>> = {
  "download": [],
  "augment-cache": ["download"],
  "train": ["download", "augment-cache"],
  "ema-teacher": ["train", "download"],
  "probe": ["ema-teacher"],
  "leaf-probe": ["ema-teacher", "download"],
  "controls": ["download"],
  "curve": ["train", "download"],
  "saliency": ["ema-teacher", "download"],
  "umap": ["ema-teacher"],
};

/** Number of hex digits shown of a digest where the whole would not fit. */
const shown = 12;

export function shortDigest(digest: string): string {
  return digest.slice(0, shown);
}

/** Mermaid graph: a node for each task with its digest, an edge for each input that it read. */
export function graphDiagram(artifacts: readonly Artifact<unknown>[]): string {
  const id = (artifact: Artifact<unknown>) => anchor(artifact.task).replaceAll("-", "_");
  const nodes = artifacts.map((artifact) =>
    `  ${id(artifact)}["${artifact.task}<br/>${shortDigest(artifact.digest)}"]`
  );
  const edges = artifacts.flatMap((artifact) =>
    artifacts.filter((input) => reads(artifact, input)).map((input) => `  ${id(input)} --> ${id(artifact)}`)
  );
  const last = artifacts.filter((artifact) => !artifacts.some((other) => reads(other, artifact)));
  const report = [`  report["report"]`, ...last.map((artifact) => `  ${id(artifact)} --> report`)];
  return fence("mermaid", ["flowchart LR", ...nodes, ...edges, ...report].join("\n"));
}

/** True if a task reads an input: the input's stage is upstream, and the two agree on the axes they share. */
function reads(artifact: Artifact<unknown>, input: Artifact<unknown>): boolean {
  const isNeighbour = Object.entries(input.point).every(([axis, value]) =>
    !(axis in artifact.point) || artifact.point[axis] === value
  );
  // A stage that a user added has no inputs in the graph until the table above has them.
  return isNeighbour && upstream[stageOf(artifact)]?.includes(stageOf(input)) === true;
}

/** Table with a row for each task, whose anchor the numbers link to. */
export function provenanceTable(artifacts: readonly Artifact<unknown>[]): string {
  const rows = artifacts.map((artifact) => [
    `<a id="${anchor(artifact.task)}"></a>\`${artifact.task}\``,
    `\`${artifact.digest}\``,
    Object.keys(artifact.files).sort().map((file) => `\`${file}\``).join(" "),
  ]);
  return table(["Task", "Digest (SHA-256 of files and results)", "Files"], rows);
}

/** Column → text of its cell, given a function that places a field of run.json. */
const measured: Readonly<Record<string, (fact: (field: string) => string) => string>> = {
  "Time": (fact) => fact("seconds"),
  "Peak memory": (fact) => fact("peakMemory"),
  "Cores": (fact) => `${fact("cores")} of ${fact("host.cores")}`,
  "Machine": (fact) => ["host.cpu", "host.memory", "host.os"].map(fact).join(", "),
  "Deno": (fact) => fact("deno"),
  "Backend": (fact) => fact("backend"),
  "Packages": (fact) => fact("packages.length"),
};

/** Table of machines, times and memory of the tasks; every cell is filled in at publication. */
export function hardwareTable(tasks: readonly string[]): string {
  const rows = tasks.map((task) => [
    `\`${task}\``,
    ...Object.values(measured).map((cell) => cell((field) => volatile(task, field))),
  ]);
  return table(["Task", ...Object.keys(measured)], rows, { align: "lrrrlllr" });
}
