/**
 * The models of a profile: variants of the types in `treenet/models/`, named freely.
 *
 * @module
 */
import { z } from "zod";
import { isRecord, type Json, type ProfileData, suggestion, UsageError } from "../pipeline/mod.ts";
import { modelNames } from "../treenet/models.ts";

/** Fields of every variant beside those of its type and the sections of stages. */
const fields = z.object({
  type: z.string().optional().describe(
    "A file of treenet/models/, with dashes; by default the variant's name",
  ),
  seeds: z.array(z.int().min(0)).min(1).optional()
    .describe("Those of the profile's seeds that it is trained with; by default all"),
  without: z.array(z.string()).min(1).optional().describe("Stages of the profile that it has no part in"),
});

/** A model of a profile. */
export interface Variant {
  /** Its file in `treenet/models/`. */
  readonly type: string;
  /** Fields of its type. */
  readonly architecture: { readonly [field: string]: Json };
  /** Stage → what its section has instead of the profile's. */
  readonly sections: Readonly<Record<string, ProfileData>>;
  /** Absent where it is trained with all seeds. */
  readonly seeds?: readonly number[];
  /** Stages that it has no part in. */
  readonly without?: readonly string[];
}

/** Names that a folder and a task can have: `train[dense-join-m16,0]`. */
const NAME = /^[A-Za-z0-9](?:[\w.+=-]*[\w+=])?$/;
/** Most characters of a name. */
export const LONGEST_NAME = 80;

/** The header's field `models`. */
export const modelsField = z.record(z.string(), z.record(z.string(), z.unknown()))
  .refine((models) => Object.keys(models).length > 0, "expected at least one model")
  .superRefine((models, context) => {
    const known = modelNames();
    const names = Object.keys(models);
    for (const [name, entry] of Object.entries(models)) {
      const message = faultOf(name, entry, known) ?? twinOf(name, names);
      if (message === undefined) continue;
      context.addIssue({ code: "custom", path: [name], message });
      return;
    }
  })
  .describe("Model → its type and architecture, its seeds, and the sections of stages that it changes");

function faultOf(name: string, entry: Readonly<Record<string, unknown>>, known: readonly string[]) {
  const { data, error } = fields.safeParse(entry);
  if (error) return `has a bad ${error.issues[0].path.join(".")}: ${error.issues[0].message}`;
  const { type = name } = data;
  if (!known.includes(type)) return `there is no model "${type}"${suggestion(type, known)}`;
  if (known.includes(name) && type !== name) {
    return `is the name of a type, expected another name for a ${type}`;
  }
  return NAME.test(name) && name.length <= LONGEST_NAME
    ? undefined
    : `expected a name of letters, digits, "-", "_", ".", "+" and "=", at most ${LONGEST_NAME} of them`;
}

/** Two names for which some file systems have one folder, or a report one place. */
function twinOf(name: string, names: readonly string[]): string | undefined {
  const bare = (each: string) => each.toLowerCase().replace(/[^a-z0-9]+/g, " ").trim();
  const twin = names.find((other) => other !== name && bare(other) === bare(name));
  return twin && `differs from "${twin}" by capital letters and punctuation alone, rename one`;
}

/** The variants of a profile whose header is valid, by name. */
export function variantsOf(
  models: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  stages: readonly string[],
): Readonly<Record<string, Variant>> {
  return Object.fromEntries(
    Object.entries(models).map(([name, { type, seeds, without, ...rest }]) => {
      const part = (isSection: boolean) =>
        Object.fromEntries(Object.entries(rest).filter(([field]) => stages.includes(field) === isSection));
      return [name, {
        type: (type ?? name) as string,
        seeds: seeds as Variant["seeds"],
        without: without as Variant["without"],
        architecture: part(false) as Variant["architecture"],
        sections: part(true) as Variant["sections"],
      }];
    }),
  );
}

/** A section with some of its fields replaced, those of records one by one. */
export function merged(section: Json | undefined, changes: Json): Json {
  if (!isRecord(section) || !isRecord(changes)) return changes;
  const entries = Object.entries(changes).map(([field, value]) => [field, merged(section[field], value)]);
  return { ...section, ...Object.fromEntries(entries) };
}

/** Refuses seeds that the profile does not have, and stages that are the same for every model. */
export function checkVariants(
  variants: Readonly<Record<string, Variant>>,
  { name, seeds, perModel }: {
    /** The profile's. */
    readonly name: string;
    readonly seeds: readonly number[];
    /** Stages of the profile with a task for every model. */
    readonly perModel: readonly string[];
  },
): void {
  const refuse = (state: string) => {
    throw new UsageError(`Cannot parse profile "${name}": models.${state}`);
  };
  for (const [variant, { seeds: own = [], sections, without = [] }] of Object.entries(variants)) {
    const stranger = own.find((seed) => !seeds.includes(seed));
    if (stranger !== undefined) {
      refuse(`${variant}.seeds has ${stranger}, expected some of the profile's seeds, ${seeds.join(", ")}`);
    }
    const whole = without.find((stage) => !perModel.includes(stage));
    if (whole !== undefined) {
      refuse(`${variant}.without has "${whole}", expected some of ${perModel.join(", ")}`);
    }
    const shared = Object.keys(sections).find((stage) => !perModel.includes(stage));
    if (shared !== undefined) {
      refuse(
        `${variant}.${shared} cannot differ by model, expected sections of ${perModel.join(", ")}; ` +
          `change ${shared} in a profile of its own`,
      );
    }
  }
}

/** The JSON schema of `models`: a type's own name has its fields, another name those of the type that it states. */
export function modelsSchema(
  types: Readonly<Record<string, z.ZodType>>,
  /** Stages with a task for every model. */
  stages: readonly string[],
): Json {
  const common = {
    ...z.toJSONSchema(fields, { io: "input" }).properties,
    ...Object.fromEntries(stages.map((stage) => [stage, { $ref: `#/properties/${stage}` }])),
  };
  const nodes = Object.entries(types).map(([type, schema]) => {
    const { $schema: _, ...node } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
    return [type, { ...node, properties: { ...common, type: { const: type }, ...node.properties } }] as const;
  });
  return {
    type: "object",
    properties: Object.fromEntries(nodes),
    additionalProperties: {
      oneOf: nodes.map(([type]) => ({ $ref: `#/properties/models/properties/${type}`, required: ["type"] })),
    },
  } as unknown as Json;
}
