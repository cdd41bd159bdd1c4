/**
 * A study along m: the rows of one type that differ in the number of leaves and their channels alone, one path among them.
 *
 * @module
 */
import { join } from "node:path";
import type { Artifact } from "../../../pipeline/stage.ts";
import type { StudyRow } from "../../../treenet/claims/fewer_parameters.ts";
import { modelOf } from "../../section.ts";
import { type Answers, answersOf, probed } from "./answers.ts";
import { type Settings, settingsOf } from "./settings.ts";
import { modelsOf, ordered, type Sources } from "./sources.ts";

/** Parameters of a training. */
interface Trained {
  readonly model: string;
  readonly type?: string;
  readonly architecture?: { readonly leaves?: number };
}

/** The rows of a type, judged with the seeds that all of them have; none where there is no study. */
export async function studyOf(
  type: string,
  { sources, settings, answers }: {
    readonly sources: Sources;
    readonly settings: Settings;
    readonly answers?: Answers;
  },
): Promise<readonly StudyRow[]> {
  const first = (model: string) => ordered(sources.trained).find((each) => modelOf(each) === model)!;
  const asked = (model: string) => settingsOf(first(model).task, settings) as unknown as Trained;
  const rows = modelsOf(sources.trained).filter((model) => (asked(model).type ?? model) === type);
  const single = rows.find((model) => first(model).meta.leaves === 1);
  if (single === undefined || answers === undefined) return [];
  const alike = rows.filter((model) => otherwise(asked(model)) === otherwise(asked(single)));
  const seeds = alike.map((model) => [...answers.judged.get(probed(model, "teacher"))?.keys() ?? []])
    .reduce((common, of) => common.filter((seed) => of.includes(seed)));
  const row = async (model: string): Promise<readonly StudyRow[]> => {
    const right = answersOf(answers, probed(model, "teacher"), seeds);
    const parameters = await leafParameters(sources.teachers.find((each) => modelOf(each) === model)!);
    return right === undefined ? [] : [{ leaves: first(model).meta.leaves, parameters, right }];
  };
  return (await Promise.all(alike.map(row))).flat();
}

/** All that was asked of a training but its row, seed, leaves and channels. */
function otherwise(asked: Trained): string {
  const { architecture, ...rest } = asked;
  const drop = (of: object, names: readonly string[]) =>
    Object.fromEntries(Object.entries(of).filter(([name]) => !names.includes(name)).sort());
  return JSON.stringify([
    drop(rest, ["model", "type", "seed"]),
    drop(architecture ?? {}, ["leaves", "channels"]),
  ]);
}

/** Numbers in the weights of all leaves. */
async function leafParameters({ dir }: Artifact<unknown>): Promise<number> {
  const { parameters } = JSON.parse(await Deno.readTextFile(join(dir, "model.json"))) as {
    readonly parameters: readonly { readonly name: string; readonly shape: readonly number[] }[];
  };
  return parameters.filter(({ name }) => name.startsWith("leaves."))
    .reduce((sum, { shape }) => sum + shape.reduce((product, extent) => product * extent, 1), 0);
}
