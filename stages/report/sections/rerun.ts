/**
 * The sections for checking a report: graph, digests, hardware, commands.
 *
 * @module
 */
import type { Run } from "./headline.ts";
import { details, fence, joined } from "../../../formats/markdown.ts";
import { volatile } from "../../section.ts";
import { graphDiagram, hardwareTable, provenanceTable } from "./provenance.ts";
import { everyArtifact, ordered } from "../read/sources.ts";

export function provenanceSection(run: Run): string {
  const artifacts = everyArtifact(run);
  return joined([
    "## Where the numbers come from",
    "The links above lead to a row of the table below: the artifact that holds the number. A digest is of an " +
    "artifact's files and results, so whoever gets the same digest has the same bytes. What the files hold: " +
    "[docs/artifacts.md](../../docs/artifacts.md); where they are and by which key: `deno task status`, `deno task why`.",
    "An arrow leads from an artifact to what reads it. The report reads all of them; only the arrows from the last " +
    "ones are drawn.",
    graphDiagram(run),
    provenanceTable(artifacts),
  ]);
}

export function hardwareSection(run: Run): string {
  const artifacts = everyArtifact(run);
  const trained = ordered(run.sources.trained).map(({ task }) => task);
  const others = artifacts.map(({ task }) => task).filter((task) => !trained.includes(task));
  return joined([
    "## Hardware and versions",
    "Measured facts of the run that made each artifact. With those under [Reproducibility](#reproducibility) they are " +
    "the only part of this file that differs between two runs with the same results. *Packages* counts those that the task's code reaches: " +
    "`deno.json` pins the direct ones, `deno.lock` all of them, and `run.json` beside every artifact lists them and " +
    "whatever else is known of its run.",
    trained.length === 0 ? undefined : hardwareTable(trained),
    details(trained.length === 0 ? "Tasks" : "The other tasks", hardwareTable([...others, "report"])),
  ]);
}

export function rerunSection(run: Run): string {
  const [command, commit, deno] = ["command", "commit", "deno"].map((field) => volatile("report", field));
  return joined([
    "## How to check and rerun",
    `This report was made by \`${command}\` (commit: ${commit}). What it says by \`--set\` or \`--sweep\` has to be said again ` +
    `below. From the root of the repository, with \`npx -y deno@${deno}\` in place of \`deno\` where that is not ` +
    "installed:",
    fence("sh", commands(run).map(({ command, does }) => `# ${does}\n${command}`).join("\n")),
    "Run again on the same machine by the same backend, every digest comes out the same; with `tensorflow` where each " +
    "task has as many cores as it had, too: those under [Hardware and versions](#hardware-and-versions), which " +
    "`--jobs` limits ([docs/backends.md](../../docs/backends.md)). On another kind of processor the last bits of " +
    "floating point numbers, and with them the digests from `train` on, may differ.",
  ]);
}

function commands(run: Run): readonly { readonly command: string; readonly does: string }[] {
  const task = everyArtifact(run).findLast(({ point }) => "model" in point)?.task ?? "report";
  const profile = run.profile === "" ? "" : ` --profile ${run.profile}`;
  const graph = `${profile} --backend ${volatile("report", "backend")}`;
  return [
    { command: "deno task verify", does: "rehash every file of every artifact" },
    { command: `deno task reproduce${graph}`, does: "build what is missing or out of date" },
    { command: `deno task status${graph}`, does: "state and folder of every task" },
    { command: `deno task why '${task}'${graph}`, does: "what its artifact was made from" },
    { command: `deno task stage '${task}' --force${graph}`, does: "run it again, and what depends on it" },
  ];
}
