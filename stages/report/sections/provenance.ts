/**
 * The artifacts behind a report: their graph, and a table that every number links into.
 *
 * @module
 */
import type { Artifact } from "../../../pipeline/stage.ts";
import { fence, table } from "../../../formats/markdown.ts";
import { anchor, volatile } from "../../section.ts";
import { everyArtifact, type Graph, type Sources, stageOf } from "../read/sources.ts";

/** Number of hex digits shown of a digest where the whole would not fit. */
const shown = 12;

export function shortDigest(digest: string): string {
  return digest.slice(0, shown);
}

/** Mermaid: a node a task with its digest, an edge an input whose contents it read. */
export function graphDiagram(run: { readonly sources: Sources; readonly graph: Graph }): string {
  const artifacts = everyArtifact(run);
  const id = (artifact: Artifact<unknown>) => anchor(artifact.task).replaceAll("-", "_");
  const reads = (artifact: Artifact<unknown>, input: Artifact<unknown>) =>
    isNeighbour(artifact, input) &&
    run.graph.some(({ stage, reads }) => stage === stageOf(artifact) && reads.includes(stageOf(input)));
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

/** True where artifact and input agree on the axes that they share. */
function isNeighbour(artifact: Artifact<unknown>, input: Artifact<unknown>): boolean {
  return Object.entries(input.point).every(([axis, value]) =>
    !(axis in artifact.point) || artifact.point[axis] === value
  );
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
