/**
 * Sweeps: a profile's models as one variant for each combination of the values of some fields. A variant is named after
 * its model and what differs from it, `dense-join+leaves=4+method=byol`, so that every sweep finds it again; one that
 * does not differ is the model itself.
 *
 * @module
 */
import { canonical, digestOf } from "../pipeline/base/json.ts";
import {
  type AnyStage,
  type Json,
  type ProfileData,
  suggestion,
  type Sweep,
  UsageError,
} from "../pipeline/mod.ts";
import { loadModel, modelNames } from "../treenet/models.ts";
import { LONGEST_NAME, merged, variantsOf } from "./variants.ts";

/** A variant of a sweep, as the report is told it. */
export type SweptModel = {
  readonly model: string;
  /** The model of the profile that it is made from. */
  readonly of: string;
  /** Field → its value: `{ "leaves": 4, "train.method": "byol" }`. */
  readonly values: { readonly [field: string]: Json };
};

/** Most variants of one run: more is a slip of the keyboard. */
const MOST = 1000;

/** The profile with its swept models expanded, and `sweep`, a list of them. Throws a UsageError that says what to do. */
export async function expanded(
  profile: ProfileData,
  sweeps: readonly Sweep[],
  stages: readonly AnyStage[],
): Promise<ProfileData> {
  const targets = targetsOf(profile, sweeps, stages);
  const models: (readonly [string, Json])[] = [], sweep: SweptModel[] = [];
  for (const [of, entry] of Object.entries(profile.models as Models)) {
    const choices = combinations(targets.filter(({ models }) => models.includes(of)));
    for (const choice of choices) {
      const made = await variantOf({ of, entry, choice }, { profile, stages, targets });
      models.push(made);
      if (choice.length === 0) continue;
      const values = choice.map(({ path, value }): [string, Json] => [path.join("."), value]);
      sweep.push({ model: made[0], of, values: Object.fromEntries(values) });
    }
  }
  refuseTwins(models.map(([name]) => name), sweeps);
  return { ...profile, models: Object.fromEntries(models), sweep };
}

type Models = Readonly<Record<string, ProfileData>>;

/** A sweep with the models that it touches, and the path of its field in their entries. */
interface Target extends Sweep {
  readonly models: readonly string[];
  readonly path: readonly string[];
}

/** A field with one of its values. */
interface Choice {
  readonly path: readonly string[];
  readonly value: Json;
}

function targetsOf(
  profile: ProfileData,
  sweeps: readonly Sweep[],
  stages: readonly AnyStage[],
): readonly Target[] {
  const targets = sweeps.map((sweep) => ({ ...sweep, ...placeOf(sweep.field, { profile, stages }) }))
    .sort((a, b) => a.path.join(".") < b.path.join(".") ? -1 : 1);
  for (const [i, { models, path, field }] of targets.entries()) {
    const other = targets.slice(0, i).find((each) =>
      each.path.join(".") === path.join(".") && each.models.some((model) => models.includes(model))
    );
    if (other) {
      refuse(
        field,
        `${other.field} is swept too and is the same field of ${models[0]}, leave one of them out`,
      );
    }
  }
  const names = Object.keys(profile.models as Models);
  const count = names.reduce(
    (sum, name) =>
      sum +
      targets.reduce(
        (product, { models, values }) => product * (models.includes(name) ? values.length : 1),
        1,
      ),
    0,
  );
  if (count <= MOST) return targets;
  return refuse(
    sweeps[0].field,
    `all combinations make ${count} models, expected at most ${MOST}, sweep less at once`,
  );
}

function placeOf(
  field: string,
  { profile, stages }: { readonly profile: ProfileData; readonly stages: readonly AnyStage[] },
): Pick<Target, "models" | "path"> {
  const variants = variantsOf(profile.models as Models, stages.map(({ name }) => name));
  const names = Object.keys(variants);
  const [first, ...rest] = field.split(".");
  if (first !== "models") {
    refuseUnswept(field, [first, ...rest], { profile, stages, isModel: false });
    const models = names.filter((name) => !variants[name].without?.includes(first));
    return { models, path: [first, ...rest] };
  }
  const inside = rest.join(".");
  // A name may have dots: the longest that fits is meant.
  const model = names.filter((name) => inside === name || inside.startsWith(`${name}.`))
    .reduce((a, b) => a.length < b.length ? b : a, "");
  if (rest.length === 0) refuse(field, `name a field of a model: models.${names[0]}.…`);
  if (model === "") refuse(field, `there is no model "${rest[0]}"${suggestion(rest[0], names)}`);
  const path = inside.slice(model.length + 1).split(".");
  refuseUnswept(field, path, { profile, stages, isModel: true });
  return { models: [model], path };
}

/** Refuses a field of which a variant cannot have a value of its own. */
function refuseUnswept(
  field: string,
  path: readonly string[],
  { profile, stages, isModel }: {
    readonly profile: ProfileData;
    readonly stages: readonly AnyStage[];
    readonly isModel: boolean;
  },
): void {
  const [first] = path;
  const stage = stages.find(({ name }) => name === first);
  if (first === "seeds") {
    refuse(
      field,
      "every model is trained with each of its seeds already, state them all: --set 'seeds=[0,1,2]'",
    );
  }
  if (stage && !stage.axes.includes("model")) {
    refuse(
      field,
      `${first} is computed once for all models, so that no model has a value of its own; give each value by --set, ` +
        "with a report of its own, or make profiles",
    );
  }
  if (stage && !(first in profile)) refuse(field, `the profile does not name the stage ${first}, add it`);
  if (stage ? path.length < 2 : first === "") refuse(field, `name a field of ${field}: ${field}.…`);
  if (stage || isModel) return;
  const known = stages.filter(({ axes, name }) => axes.includes("model") && name in profile).map(({ name }) =>
    name
  );
  refuse(
    field,
    `only fields of models and of stages that run for every model can be swept${
      suggestion(first, ["models", ...known])
    }`,
  );
}

function refuse(field: string, why: string): never {
  throw new UsageError(`Cannot sweep ${field}: ${why}`);
}

/** All combinations of one value of each target; a single empty one without targets. */
function combinations(targets: readonly Target[]): readonly (readonly Choice[])[] {
  return targets.reduce<readonly (readonly Choice[])[]>(
    (made, { path, values }) => made.flatMap((choice) => values.map((value) => [...choice, { path, value }])),
    [[]],
  );
}

interface Making {
  readonly profile: ProfileData;
  readonly stages: readonly AnyStage[];
  readonly targets: readonly Target[];
}

/** Name and entry of a model with some of its fields replaced; what changes nothing is not in the name. */
async function variantOf(
  { of, entry, choice }: {
    readonly of: string;
    readonly entry: ProfileData;
    readonly choice: readonly Choice[];
  },
  making: Making,
): Promise<readonly [string, Json]> {
  let name = of, changed: Json = { ...entry, type: entry.type ?? of };
  for (const each of choice) {
    if (!await differs(each, { of, entry, making })) continue;
    name += `+${labelOf(each.path, making.targets)}=${shown(each.value)}`;
    changed = replaced(changed, each);
  }
  return name === of ? [of, entry] : [shortened(name), changed];
}

function replaced(entry: Json, { path, value }: Choice): Json {
  return merged(entry, path.reduceRight<Json>((inner, key) => ({ [key]: inner }), value));
}

/** True where a value makes another model: defaults count, so a value that is the default makes none. */
async function differs(
  choice: Choice,
  { of, entry, making }: { readonly of: string; readonly entry: ProfileData; readonly making: Making },
): Promise<boolean> {
  const part = choice.path[0];
  const before = await parsed(entry, { of, part, making });
  const after = await parsed(replaced(entry, choice), { of, part, making });
  return before === undefined || after === undefined || canonical(before) !== canonical(after);
}

/** The section of a stage, or else the type with its fields, as an entry has it; undefined where it has a fault. */
async function parsed(
  entry: Json,
  { of: model, part, making: { profile, stages } }: {
    readonly of: string;
    readonly part: string;
    readonly making: Making;
  },
): Promise<unknown> {
  const { type, architecture, sections } =
    variantsOf({ [model]: entry as ProfileData }, stages.map(({ name }) => name))[model];
  const stage = stages.find(({ name }) => name === part);
  if (stage === undefined) {
    const known = modelNames().includes(type);
    const fields = known ? (await loadModel(type)).config.safeParse(architecture).data : undefined;
    return fields && [type, fields];
  }
  const section = merged(profile[part], sections[part] ?? {}) as ProfileData;
  const given = { model, seed: 0, ...stage.modules && { type, architecture: {} } };
  return stage.params.safeParse({ ...given, ...section }).data;
}

/** The last name of a path, or all where another swept field has the same. */
function labelOf(path: readonly string[], targets: readonly Target[]): string {
  const whole = path.join("."), last = path[path.length - 1];
  const isAlone = targets.every((other) =>
    other.path.at(-1) === last ? other.path.join(".") === whole : true
  );
  return isAlone ? last : whole;
}

/** Most characters of a value in a name. */
const LONGEST_VALUE = 30;

/** A value in the characters of a name: [1, −2] → "1-minus2". */
function shown(value: Json): string {
  const text = typeof value === "string" ? value : JSON.stringify(value).replace(/(^|[[,:])-/g, "$1minus");
  const safe = text.replace(/[^\w.+]+/g, "-").replace(/^-|[-.]$/g, "");
  return safe === "" || safe.length > LONGEST_VALUE ? digestOf(value).slice(0, 8) : safe;
}

function shortened(name: string): string {
  if (name.length <= LONGEST_NAME) return name;
  return `${name.slice(0, LONGEST_NAME - 9)}-${digestOf(name).slice(0, 8)}`;
}

function refuseTwins(names: readonly string[], [{ field }]: readonly Sweep[]): void {
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) {
    refuse(field, `two models would be called ${twice}, sweep values that differ more`);
  }
}
