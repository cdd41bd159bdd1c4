/**
 * Entities of the payload's files and folders, and of the files that are only named.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { rootsOf } from "../../plan/engine.ts";
import type { Json } from "../../stage.ts";
import { type LeftOut, type PackedTask, REPOSITORY } from "../contents.ts";
import { type CrateFacts, type Entity, ids, ref } from "./crate_entity.ts";
import type { PayloadFile } from "../payload.ts";

export function dataEntities(facts: CrateFacts): readonly Entity[] {
  const { contents: { tasks, source, report }, made, policy, engine } = facts;
  const modules = new Set(
    tasks.flatMap(({ task }) => Object.values(rootsOf(task)).map((url) => ids.module(engine, url))),
  );
  const named = source.filter(({ name }) => modules.has(name) || name.endsWith(`/${engine.pipeline.module}`));
  const lock = source.filter(({ name }) => name === `${REPOSITORY}/deno.lock`);
  return [
    {
      "@id": `${REPOSITORY}/`,
      "@type": "Dataset",
      name: "The source tree that ran, with its store",
      description: "Source, lock file, artifacts, logs and the published report, each in its usual place",
      hasPart: [...named, ...lock].map(({ name }) => ref(name)),
    },
    ...named.map((file) => fileEntity(file, { "@type": ["File", "SoftwareSourceCode"] })),
    ...lock.map((file) => fileEntity(file, { description: "Versions and checksums of every package" })),
    ...Object.entries(made).map(([name, description]): Entity => ({
      "@id": name,
      "@type": "File",
      name,
      description,
      encodingFormat: mediaType(name),
    })),
    ...report.map((file) => fileEntity(file, { description: "The published report" })),
    ...tasks.flatMap((packed) => taskEntities(packed, policy.aside)),
  ];
}

function taskEntities(packed: PackedTask, aside: CrateFacts["policy"]["aside"]): readonly Entity[] {
  const { task, artifact, folder, files, records, leftOut, log, derived } = packed;
  return [
    {
      "@id": `${folder}/`,
      "@type": "Dataset",
      name: `Artifact of ${task.id}`,
      identifier: artifact.digest,
      exampleOfWork: ref(ids.output(task.stage.name)),
      hasPart: [...files, ...records].map(({ name }) => ref(name)),
      ...(leftOut.length === 0 ? {} : { mentions: leftOut.map((file) => ref(elsewhereId(file))) }),
    },
    ...files.map((file) => fileEntity(file)),
    ...records.map((file) => fileEntity(file)),
    ...leftOut.map((file): Entity => ({
      "@id": elsewhereId(file),
      "@type": "CreativeWork",
      name: file.file,
      description: file.category === undefined ? "Not packed" : `Not packed: ${aside[file.category].source}`,
      sha256: file.digest,
      contentSize: String(file.bytes),
      encodingFormat: mediaType(file.file),
    })),
    ...(log
      ? [fileEntity(log, { about: ref(`#run-${task.place}`), description: `What ${task.id} printed` })]
      : []),
    ...derived.map(({ file, description }) =>
      fileEntity(file, { description, isBasedOn: ref(`${folder}/`) })
    ),
  ];
}

/** A name that is the file's digest (RFC 6920). */
function elsewhereId({ digest }: LeftOut): string {
  return `ni:///sha-256;${Buffer.from(digest, "hex").toString("base64url")}`;
}

function fileEntity(file: PayloadFile, more: Readonly<Record<string, Json>> = {}): Entity {
  return {
    "@id": file.name,
    "@type": "File",
    name: file.name.split("/").at(-1)!,
    contentSize: String(file.bytes),
    sha256: file.sha256,
    encodingFormat: mediaType(file.name),
    ...more,
  };
}

const MEDIA: Readonly<Record<string, string>> = {
  cff: "application/yaml",
  csv: "text/csv",
  json: "application/json",
  lock: "application/json",
  log: "text/plain",
  md: "text/markdown",
  png: "image/png",
  svg: "image/svg+xml",
  ts: "text/typescript",
};

function mediaType(name: string): string {
  return MEDIA[name.split(".").at(-1)!] ?? "application/octet-stream";
}
