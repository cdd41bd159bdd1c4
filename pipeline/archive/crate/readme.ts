/**
 * The README of an archive, for readers without this project.
 *
 * @module
 */
import type { Engine } from "../../plan/engine.ts";
import { bytes, count } from "../../base/quantities.ts";
import { referenceText } from "./cite.ts";
import { type Contents, type PackedTask, REPOSITORY } from "../contents.ts";
import type { ArchivePolicy } from "../../archive_policy.ts";

export interface ReadmeFacts {
  readonly engine: Engine;
  readonly contents: Contents;
  readonly policy: ArchivePolicy;
  readonly flags: readonly string[];
}

export function readmeText(facts: ReadmeFacts): string {
  const { policy, contents, engine } = facts;
  return [
    `# ${policy.citation.title}`,
    policy.citation.abstract,
    `This archive holds one run of the profile \`${engine.profile.name}\`: ${
      count(contents.tasks.length, "task")
    } with everything they read and wrote. It is a [BagIt](https://www.rfc-editor.org/rfc/rfc8493) bag, and its folder \`data/\` (this one) is an [RO-Crate](https://w3id.org/ro/crate/1.1) of the [Provenance Run Crate](https://w3id.org/ro/wfrun/provenance/0.5) profile: \`ro-crate-metadata.json\` says which task made which file from what, with which parameters, when and on what hardware.`,
    "## Where things are",
    table(["Path", "Holds"], places(facts)),
    "## Artifacts",
    `Every task left one folder. \`artifact.json\` in it has the key (parameters, code, packages, inputs) and the SHA-256 of every file, \`run.json\` says when, where and how long it ran. [${policy.contract}](${REPOSITORY}/${policy.contract}) says of every file what it holds, in shapes and units.`,
    table(["Task", "Folder", "Files", "Size"], contents.tasks.map(taskRow)),
    ...leftOut(facts),
    "## Reading it without any of this",
    policy.reading,
    "## Checking it",
    "Any BagIt tool checks the files (`bagit.py --validate` on the folder above this one). The SHA-256 of " +
    "`tagmanifest-sha256.txt` stands in the archive's name and covers every file; with it printed in a paper nothing " +
    "here can be changed unseen. The project's own command checks more: the zip's headers, every key recomputed from " +
    "the packed source, and the report drawn again:",
    fenced("sh", ["deno task verify ARCHIVE.zip --digest DIGEST"]),
    "## Running it again",
    "With [Node](https://nodejs.org) or [Deno](https://deno.com) 2.9, from this folder:",
    fenced("sh", [`cd ${REPOSITORY}`, ["npx -y deno@2.9.6 task reproduce", ...facts.flags].join(" ")]),
    "The second command finds everything done. Edit a file of `stages/` and run it again: only what the edit can " +
    "change runs. `deno task restore ARCHIVE.zip` puts the artifacts into another checkout.",
    "## Citing it",
    "`CITATION.cff` and `.zenodo.json` say how. It builds on",
    policy.citation.references.map((reference) => `- ${referenceText(reference)}`).join("\n"),
  ].join("\n\n") + "\n";
}

function places({ engine, contents, policy }: ReadmeFacts): readonly (readonly string[])[] {
  const derived = contents.tasks.flatMap((task) => task.derived);
  const report = contents.report.find(({ name }) => name.endsWith(".md"));
  return [
    ["`ro-crate-metadata.json`", "provenance, as JSON-LD"],
    ["`CITATION.cff`, `.zenodo.json`, `LICENSE`", "how to cite and use it"],
    ...(report ? [[`[${report.name}](${report.name})`, "the report, with its figures beside it"]] : []),
    ...derived.map(({ name, description }) => [`\`${name}\``, description]),
    [`\`${REPOSITORY}/\``, `the source tree that ran (${policy.source.join(", ")})`],
    [`\`${REPOSITORY}/deno.lock\``, "version and checksum of every package"],
    [`\`${REPOSITORY}/profiles/${engine.profile.name}.json\``, "the parameters of this run"],
    [`\`${REPOSITORY}/artifacts/\``, "what every task left, see below"],
    [`\`${REPOSITORY}/artifacts/.logs/\``, "what every task printed"],
  ];
}

function taskRow({ task, folder, files }: PackedTask): readonly string[] {
  const size = files.reduce((sum, file) => sum + file.bytes, 0);
  const names = files.map(({ name }) => `\`${name.slice(folder.length + 1)}\``);
  return [task.id, `\`${folder}/\``, names.join(", "), bytes(size)];
}

function leftOut({ contents, policy }: ReadmeFacts): readonly string[] {
  const rows = contents.tasks.flatMap(({ task, leftOut }) =>
    [...Map.groupBy(leftOut, ({ category }) => category)].map(([category, files]) => [
      task.id,
      count(files.length, "file"),
      bytes(files.reduce((sum, file) => sum + file.bytes, 0)),
      category === undefined ? "left out already where this archive was made" : policy.aside[category].source,
    ])
  );
  if (rows.length === 0) return [];
  return [
    "## What is not here",
    "These files are named by digest only (`elsewhere.json` beside their `artifact.json`). Nothing that is here " +
    "needs them; a task that has to run and reads them makes them again.",
    table(["Task", "Files", "Size", "Where they come from"], rows),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function fenced(language: string, lines: readonly string[]): string {
  return ["```" + language, ...lines, "```"].join("\n");
}
