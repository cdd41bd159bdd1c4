/**
 * Entities of a crate and their ids.
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

/** A node of the flattened graph: it names other nodes by their ids. */
export interface Entity {
  readonly "@id": string;
  readonly "@type": string | readonly string[];
  readonly [property: string]: Json;
}

export function ref(id: string): { readonly "@id": string } {
  return { "@id": id };
}

export const ids = {
  /** A stage's tool is the module that it runs. */
  tool: (engine: Engine, stage: AnyStage) => ids.module(engine, stage.run),
  module: (engine: Engine, url: string) => `${REPOSITORY}/${shown(engine.workspace, fileURLToPath(url))}`,
  input: (stage: string, name: string) => `#${stage}-input-${name}`,
  output: (stage: string) => `#${stage}-output`,
  parameter: (stage: string, name: string) => `#${stage}-parameter-${name}`,
  parameters: ({ task, artifact }: PackedTask) =>
    Object.keys(artifact.key.params as object).map((name) => ids.parameter(task.stage.name, name)),
  value: (place: string, name: string) => `#${place}/${name}`,
} as const;

/** A parameter's value in the crate: scalars unchanged, other values as canonical JSON. */
export function propertyValue(value: Json): Json {
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "string") return value;
  return canonical(value);
}

/** The FormalParameter type of a value. */
export function valueType(value: Json): string {
  if (typeof value === "boolean") return "Boolean";
  if (typeof value === "number") return Number.isInteger(value) ? "Integer" : "Float";
  return "Text";
}

/** Merges entities that share an id: the first one's fields win, the types are joined. */
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
  /** Files that are made for the archive, with a description of one line each. */
  readonly made: Readonly<Record<string, string>>;
}
