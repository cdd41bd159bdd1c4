/**
 * The recipe as data: the `paper` profile, and the profiles' JSON schema for the defaults of omitted fields.
 * Code of this stage imports both files, so a change of either changes the report's code; the code of other
 * stages, with their own schemas, is not part of it.
 *
 * @module
 */
import paper from "../../../profiles/paper.json" with { type: "json" };
import schema from "../../../profiles/profile.schema.json" with { type: "json" };
import type { Json } from "../../../pipeline/stage.ts";
import type { Recipe } from "./deviations.ts";

type Fields = Readonly<Record<string, Json>>;

/** The part of a JSON schema that gives the default of an omitted field. */
interface Node {
  readonly const?: Json;
  readonly default?: Json;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly oneOf?: readonly Node[];
}

/** Parameters of a task in the paper profile. */
export function recipeOf(): Recipe {
  const { models, ...sections } = paper as unknown as Readonly<Record<string, Fields>>;
  const nodes = schema.properties as unknown as Readonly<Record<string, Node>>;
  return ({ stage, point, params }) => {
    const section = sections[stage];
    if (section === undefined) return undefined;
    const given: Fields = typeof params === "object" && params !== null && !Array.isArray(params)
      ? params as Fields
      : {};
    const architecture: Fields = "architecture" in given ? { architecture: models[point.model] ?? {} } : {};
    // Architectures are compared with the recipe once, at the tasks that have one of their own.
    const all: Fields = "models" in given ? { models: given.models } : {};
    return { ...withDefaults(nodes[stage], section) as Fields, ...point, ...architecture, ...all };
  };
}

/** A value with the defaults of the fields it leaves out, at any depth. */
function withDefaults(schema: Node, value: Json | undefined = schema.default): Json | undefined {
  const node = schema.oneOf?.find((member) => isNamedBy(value, member)) ?? schema;
  if (node.properties === undefined || typeof value !== "object" || value === null) return value;
  const given = value as Fields;
  const fields = Object.entries(node.properties).map(([name, inner]) => [
    name,
    withDefaults(inner, given[name]),
  ]);
  return Object.fromEntries(fields.filter(([, field]) => field !== undefined)) as Fields;
}

/** The value has, stated or by default, every constant that sets a member of a union apart. */
function isNamedBy(value: Json | undefined, { properties = {} }: Node): boolean {
  return Object.entries(properties).every(([name, { const: wanted, default: standard }]) =>
    wanted === undefined || ((value as Fields)[name] ?? standard) === wanted
  );
}
