/**
 * The JSON schema of a profile, composed of the schemas of its sections.
 *
 * @module
 */
import type { z } from "zod";
import { jsonSchema, type SchemaNode } from "./parse_parameters.ts";
import type { AnyStage, Json } from "../stage.ts";

/** The parts of a profile's schema. */
export interface ProfileParts {
  /** Fields that are not a stage's section. */
  readonly header: z.ZodObject;
  /** Stages in the order of their sections. */
  readonly stages: readonly AnyStage[];
  /** Fields of a stage's parameters that the workflow supplies, so that no profile may state them. */
  readonly given: (stage: AnyStage) => readonly string[];
  /** More precise JSON schemas of header fields. */
  readonly details?: Readonly<Record<string, Json>>;
}

/** The schema (draft 2020-12) with which editors complete and check profiles. */
export function profileSchema({ header, stages, given, details = {} }: ProfileParts): Json {
  const head = jsonSchema(header);
  const fields = Object.entries(head.properties ?? {}).map(([name, node]) => [
    name,
    details[name] ?? node,
  ]);
  const sections = stages.map((stage) => [stage.name, without(jsonSchema(stage.params), given(stage))]);
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Profile",
    description: "An experiment: header fields, then one section a stage",
    type: "object",
    properties: Object.fromEntries([...fields, ...sections]),
    required: (head as { required?: readonly string[] }).required ?? [],
    additionalProperties: false,
  };
  return JSON.parse(JSON.stringify(schema)) as Json;
}

function without(node: SchemaNode, names: readonly string[]): SchemaNode & { required?: readonly string[] } {
  const members = node.oneOf?.map((member) => without(member, names));
  if (members) return { ...withoutDialect(node), oneOf: members };
  const keep = <V>(record: Readonly<Record<string, V>>) =>
    Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));
  const { required = [], ...rest } = withoutDialect(node) as SchemaNode & { required?: readonly string[] };
  return {
    ...rest,
    properties: keep(node.properties ?? {}),
    required: required.filter((name) => !names.includes(name)),
    additionalProperties: false,
  };
}

/** The node without `$schema`, which only the top level states. */
function withoutDialect(node: SchemaNode): SchemaNode {
  const { $schema: _, ...rest } = node as SchemaNode & { $schema?: string };
  return rest;
}
