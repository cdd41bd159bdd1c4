/**
 * Entities that every crate contains: profiles, languages, the engine, authors and cited works.
 *
 * @module
 */
import { authorName, referenceText } from "./cite.ts";
import type { Citation } from "../../archive_policy.ts";
import type { Entity } from "./crate_entity.ts";

export const WORKFLOW_PROFILE = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE";
export const PARAMETER_PROFILE = "https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE";

/** Profiles the crate conforms to. */
export const PROFILES = [
  { id: "https://w3id.org/ro/wfrun/process/0.5", name: "Process Run Crate", version: "0.5" },
  { id: "https://w3id.org/ro/wfrun/workflow/0.5", name: "Workflow Run Crate", version: "0.5" },
  { id: "https://w3id.org/ro/wfrun/provenance/0.5", name: "Provenance Run Crate", version: "0.5" },
  { id: "https://w3id.org/workflowhub/workflow-ro-crate/1.0", name: "Workflow RO-Crate", version: "1.0" },
] as const;

/** The language and the program that run the workflow. */
export const ENGINE = {
  language: {
    "@id": "https://www.typescriptlang.org/",
    "@type": "ComputerLanguage",
    name: "TypeScript",
    url: "https://www.typescriptlang.org/",
  },
  deno: {
    "@id": "https://deno.com/",
    "@type": "SoftwareApplication",
    name: "Deno",
    description: "Runs the workflow's modules",
    url: "https://deno.com/",
  },
} as const satisfies Readonly<Record<string, Entity>>;

export function softwareEntities(): readonly Entity[] {
  return [ENGINE.language, ENGINE.deno];
}

/** Authors, licence and references. */
export function citationEntities({ authors, license, references }: Citation): readonly Entity[] {
  const licenseId = `https://spdx.org/licenses/${license}`;
  return [
    ...authors.map((author, i): Entity => ({
      "@id": `#author-${i + 1}`,
      "@type": "name" in author ? "Organization" : "Person",
      name: authorName(author),
    })),
    {
      "@id": licenseId,
      "@type": "CreativeWork",
      name: license,
      identifier: licenseId,
      description: `The licence whose SPDX identifier is ${license}; its text is in LICENSE`,
    },
    ...references.map((reference, i): Entity => ({
      "@id": `#reference-${i + 1}`,
      "@type": reference.type === "data" ? "CreativeWork" : "ScholarlyArticle",
      name: reference.title,
      description: referenceText(reference),
      ...(reference.year === undefined ? {} : { datePublished: String(reference.year) }),
      ...(reference.url === undefined ? {} : { url: reference.url }),
    })),
  ];
}
