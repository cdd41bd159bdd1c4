/**
 * Entities of a crate and what they are called.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { canonical } from "../../base/json.ts";
import type { Engine } from "../../plan/engine.ts";
import type { AnyStage, Json } from "../../stage.ts";
import { shown } from "../../base/workspace.ts";
import type { ArchivePolicy } from "../../archive_policy.ts";
import { type Contents, type PackedTask, REPOSITORY } from "../contents.ts";

/** A node of the graph, flattened: other nodes are referred to by id. */
export interface Entity {
  readonly "@id": string;
  readonly "@type": string | readonly string[];
  readonly [property: string]: Json;
}

/** A reference. */
export function ref(id: string): { readonly "@id": string } {
  return { "@id": id };
}

export const ids = {
  /** The module of a stage is its tool. */
  tool: (engine: Engine, stage: AnyStage) => ids.module(engine, stage.run),
  module: (engine: Engine, url: string) => `${REPOSITORY}/${shown(engine.workspace, fileURLToPath(url))}`,
  input: (stage: string, name: string) => `#${stage}-input-${name}`,
  output: (stage: string) => `#${stage}-output`,
  parameter: (stage: string, name: string) => `#${stage}-parameter-${name}`,
  parameters: ({ task, artifact }: PackedTask) =>
    Object.keys(artifact.key.params as object).map((name) => ids.parameter(task.stage.name, name)),
  value: (place: string, name: string) => `#${place}/${name}`,
} as const;

/** Numbers and booleans as they are, everything else as text: what is no scalar as canonical JSON. */
export function propertyValue(value: Json): Json {
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "string") return value;
  return canonical(value);
}

/** What a FormalParameter says of such a value. */
export function valueType(value: Json): string {
  if (typeof value === "boolean") return "Boolean";
  if (typeof value === "number") return Number.isInteger(value) ? "Integer" : "Float";
  return "Text";
}

/** Entities with the same id are one: the first says it, later ones add types. */
export function uniqueEntities(entities: readonly Entity[]): readonly Entity[] {
  const found = new Map<string, Entity>();
  for (const entity of entities) {
    const before = found.get(entity["@id"]);
    const types = [...new Set([before?.["@type"] ?? [], entity["@type"]].flat())];
    const type = types.length === 1 ? types[0] : types;
    found.set(entity["@id"], { ...entity, ...before, "@id": entity["@id"], "@type": type });
  }
  return [...found.values()];
}

/** Facts that the metadata is made from. */
export interface CrateFacts {
  readonly engine: Engine;
  readonly contents: Contents;
  readonly policy: ArchivePolicy;
  /** Day of the last run, ISO 8601. */
  readonly released: string;
  /** Names in the payload that are made for the archive, with one line each. */
  readonly made: Readonly<Record<string, string>>;
}
