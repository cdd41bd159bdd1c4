/**
 * The report as the stages' sections make it: a part of the composition root, and of no stage's code.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { type AnyStage, type Every, every, type Inputs, type Json } from "../pipeline/stage.ts";
import paper from "../profiles/paper.json" with { type: "json" };
import type { Graph } from "../stages/report/read/sources.ts";

/** A stage that has a section. */
export interface Declared {
  readonly stage: AnyStage;
  /** URL of its `section.ts`. */
  readonly section: string;
  /** Files that the section reads. @default all */
  readonly reads?: readonly string[];
}

/** The named stages that have a section, in the order given. */
export async function declaredSections(names: readonly string[]): Promise<readonly Declared[]> {
  const folders = names.map((name) =>
    new URL(`../stages/${name.replaceAll("-", "_")}/`, import.meta.url).href
  );
  const found = folders.filter((folder) => existsSync(new URL("section.ts", folder)));
  return await Promise.all(found.map(async (folder) => {
    const { default: stage, sectionReads } = await import(`${folder}mod.ts`);
    return { stage, section: `${folder}section.ts`, reads: sectionReads };
  }));
}

/** A report that also reads every stage with a section, and loads the sections of those that a profile names. */
export function withSections(report: AnyStage, declared: readonly Declared[]): AnyStage {
  const inputs: Record<string, AnyStage | Every> = { ...report.inputs };
  const reads: Record<string, readonly string[] | undefined> = { ...report.reads };
  for (const { stage, reads: files } of declared) {
    const known = Object.keys(inputs).find((name) => stageAt(inputs[name]) === stage);
    const name = known ?? stage.name;
    inputs[name] ??= every(stage, { optional: true });
    // No list means all files, so one side without a list leaves none.
    const before = known === undefined ? [] : reads[name];
    reads[name] = files && before && [...before, ...files];
  }
  return {
    ...report,
    inputs,
    reads,
    modules: ({ graph }: { readonly graph: Graph }) =>
      Object.fromEntries(
        declared.filter(({ stage: { name } }) => graph.some(({ stage }) => stage === name))
          .map(({ stage: { name }, section }) => [name, section]),
      ),
  };
}

/** The stages upstream of a report, without those that a profile leaves out, each after those that it reads. */
export function upstreamOf(report: AnyStage, there: ReadonlySet<string>): readonly AnyStage[] {
  const found = new Set<AnyStage>();
  const visit = (stage: AnyStage) => {
    if (found.has(stage)) return;
    read(stage, there).forEach(visit);
    found.add(stage);
  };
  read(report, there).forEach(visit);
  return [...found];
}

/** The graph of those stages by their names. */
export function graphOf(report: AnyStage, there: ReadonlySet<string>): Graph {
  return upstreamOf(report, there).map((stage) => ({
    stage: stage.name,
    reads: read(stage, there).map(({ name }) => name),
  }));
}

/** The recipe of some stages: their sections of the paper profile with the defaults of their schemas, and its models. */
export function recipeOf(stages: readonly AnyStage[]): { readonly [field: string]: Json } {
  const { models, ...sections } = paper as unknown as Readonly<Record<string, Json>>;
  const resolved = stages.filter(({ name }) => name in sections).map(({ name, axes, params, modules }) => {
    const point = Object.fromEntries(axes.map((axis) => [axis, axis === "seed" ? 0 : ""]));
    // The report compares architectures by themselves.
    const given = modules && { [axes.includes("model") ? "architecture" : "models"]: {} };
    const { data } = params.safeParse({ ...sections[name] as object, ...point, ...given });
    return [name, (data ?? sections[name]) as Json] as const;
  });
  return { sections: Object.fromEntries(resolved), models };
}

function read({ inputs }: AnyStage, there: ReadonlySet<string>): readonly AnyStage[] {
  return [...new Set(Object.values(inputs as Inputs).map(stageAt))].filter(({ name }) => there.has(name));
}

function stageAt(input: AnyStage | Every): AnyStage {
  return "every" in input ? input.every : input;
}
