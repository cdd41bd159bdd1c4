/**
 * Reads an archive's metadata: the actions with their inputs and the artifacts they made.
 *
 * @module
 */
import type { Json } from "../../stage.ts";
import { PAYLOAD } from "./bag.ts";
import { REPOSITORY } from "../contents.ts";
import { METADATA } from "./crate.ts";
import type { Entity } from "./crate_entity.ts";
import { PROFILES } from "./crate_software.ts";
import { ArchiveError } from "../../base/file_names.ts";
import type { Archive, Finding } from "../open.ts";

/** A task's run as the crate describes it. */
export interface Action {
  /** Task id. */
  readonly task: string;
  /** Path of the stage's module in the payload; `modules` are those that the parameters chose. */
  readonly tool: string;
  readonly modules: readonly string[];
  /** Folders in the payload, with a slash at their end. */
  readonly inputs: readonly string[];
  readonly result: string;
  /** Values in the form of `propertyValue`, by name. */
  readonly parameters: Readonly<Record<string, Json>>;
}

/** The graph's entities by id, with the actions among them. */
export interface ReadCrate {
  readonly entities: ReadonlyMap<string, Entity>;
  readonly actions: readonly Action[];
}

/** Reads the metadata. Throws an ArchiveError for other than flattened JSON-LD, a repeated id or result. */
export async function readCrate(archive: Archive): Promise<ReadCrate> {
  const { "@graph": graph } = Object(await archive.json(PAYLOAD + METADATA)) as {
    readonly "@graph"?: unknown;
  };
  if (!Array.isArray(graph) || !graph.every(isEntity)) {
    throw new ArchiveError(`Cannot read the archive: ${METADATA} has no graph of entities`);
  }
  const entities = new Map((graph as readonly Entity[]).map((entity) => [entity["@id"], entity]));
  if (entities.size < graph.length) {
    throw new ArchiveError(`Cannot read the archive: ${METADATA} has an @id twice`);
  }
  const objectsOf = (ids: Iterable<string>) =>
    new Set([...ids].flatMap((id) => list(entities.get(id)?.object)));
  const actions = [...objectsOf(objectsOf(["#orchestration"]))].flatMap((id) => actionOf(entities, id) ?? []);
  if (new Set(actions.map(({ result }) => result)).size < actions.length) {
    throw new ArchiveError(`Cannot read the archive: ${METADATA} has two actions with the same result`);
  }
  return { entities, actions };
}

/** Types that an entity may have. They are searched at every reference to it. */
const MOST_TYPES = 20;

function isEntity(value: unknown): boolean {
  const { "@id": id, "@type": types } = Object(value);
  return typeof id === "string" && [types].flat().length <= MOST_TYPES;
}

function actionOf(entities: ReadCrate["entities"], id: string): Action | undefined {
  const action = entities.get(id);
  if (action === undefined || !hasType(action, "CreateAction")) return undefined;
  const objects = list(action.object).flatMap((object) => entities.get(object) ?? []);
  const values = objects.filter((object) => hasType(object, "PropertyValue"));
  return {
    task: textOf(action.name),
    tool: list(action.instrument)[0] ?? "",
    modules: objects.filter((object) => hasType(object, "SoftwareSourceCode")).map((object) => object["@id"]),
    inputs: objects.filter((object) => hasType(object, "Dataset")).map((object) => object["@id"]),
    result: list(action.result)[0] ?? "",
    parameters: Object.fromEntries(values.map((value) => [textOf(value.name), value.value])),
  };
}

/** The value if it is a string. Unknown objects are never converted, as they may define `toString`. */
function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

/** Violations of the profiles' rules, and files that differ from their description in the graph. */
export function crateFindings(archive: Archive, crate: ReadCrate): readonly Finding[] {
  const { entities, actions } = crate;
  const where = METADATA;
  const root = entities.get("./");
  const problems = [
    ...missing(entities, METADATA, { about: "./", conformsTo: "https://w3id.org/ro/crate/1.1" }),
    ...PROFILES.flatMap(({ id }) => missing(entities, "./", { conformsTo: id })),
    ...["name", "description", "datePublished", "license", "mainEntity"].filter((field) => !root?.[field])
      .map((field) => `the root has no ${field}`),
    ...(list(root?.mainEntity).some((id) => hasType(entities.get(id), "ComputationalWorkflow"))
      ? []
      : ["the main entity is no ComputationalWorkflow"]),
    ...(actions.length > 0 ? [] : ["there are no actions"]),
    ...[...entities.values()].flatMap((entity) => dangling(entities, entity)),
    ...actions.flatMap((action) => actionProblems(archive, { entities, action })),
  ];
  return [...problems.map((problem) => ({ where, problem })), ...fileFindings(archive, entities)];
}

function missing(
  entities: ReadCrate["entities"],
  id: string,
  wanted: Readonly<Record<string, string>>,
): readonly string[] {
  return Object.entries(wanted)
    .filter(([field, target]) => !list(entities.get(id)?.[field]).includes(target))
    .map(([field, target]) => `${id} lacks ${field} ${target}`);
}

/** References to nodes that are missing. Web addresses need no node. */
function dangling(entities: ReadCrate["entities"], entity: Entity): readonly string[] {
  return Object.values(entity).flatMap(list)
    .filter((id) => !entities.has(id) && !/^https?:/.test(id))
    .map((id) => `${entity["@id"]} refers to ${id}, which is not described`);
}

function actionProblems(
  archive: Archive,
  { entities, action }: { readonly entities: ReadCrate["entities"]; readonly action: Action },
): readonly string[] {
  const tool = entities.get(action.tool);
  const result = entities.get(action.result);
  return [
    ...(hasType(tool, "SoftwareApplication") && hasType(tool, "File") && isPacked(archive, action.tool)
      ? []
      : [`${action.task} has no packed tool as its instrument, it names ${action.tool || "none"}`]),
    ...action.modules.filter((id) => !hasType(entities.get(id), "File") || !isPacked(archive, id))
      .map((id) => `${action.task} uses ${id}, which is no packed file`),
    ...(hasType(result, "Dataset") ? [] : [`${action.task} has no folder as its result`]),
  ];
}

/** True for a file of the packed repository, by its name in the zip; an id never becomes another path. */
function isPacked(archive: Archive, id: string): boolean {
  return id.startsWith(`${REPOSITORY}/`) && archive.files.has(PAYLOAD + id);
}

/** Files in the graph must be in the payload, with the size and digest it states. */
function fileFindings(archive: Archive, entities: ReadCrate["entities"]): readonly Finding[] {
  const findings: Finding[] = [];
  for (const entity of entities.values()) {
    if (!hasType(entity, "File") || /^[a-z]+:/.test(entity["@id"])) continue;
    const where = PAYLOAD + entity["@id"];
    const packed = archive.files.get(where);
    if (packed === undefined) findings.push({ where, problem: "is described in the crate and not packed" });
    else if (entity.sha256 !== undefined && entity.sha256 !== archive.manifest.get(where)) {
      findings.push({ where, problem: "has another digest in the crate" });
    } else if (entity.contentSize !== undefined && entity.contentSize !== String(packed.bytes)) {
      findings.push({ where, problem: "has another size in the crate" });
    }
  }
  return findings;
}

/** Ids that a property refers to. */
export function list(value: Json | undefined): readonly string[] {
  return [value ?? []].flat().flatMap((item) => {
    const id = typeof item === "object" && item !== null
      ? (item as { readonly "@id"?: Json })["@id"]
      : undefined;
    return typeof id === "string" ? [id] : [];
  });
}

function hasType(entity: Entity | undefined, type: string): boolean {
  return [entity?.["@type"] ?? []].flat().includes(type);
}
