/**
 * The report as the stages' sections make it: a part of the composition root, and of no stage's code.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { type AnyStage, type Every, every, type Inputs } from "../pipeline/stage.ts";
import type { Graph } from "../stages/report/read/sources.ts";

/** A stage that has a section. */
export interface Declared {
  readonly stage: AnyStage;
  /** URL of its `section.ts`. */
  readonly section: string;
  /** Files that the section reads. @default all */
  readonly reads?: readonly string[];
}

/** Those of some stages, by name, that have a section, in the order given. */
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
    // Where either reads all files there is no list.
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
export function graphOf(report: AnyStage, there: ReadonlySet<string>): Graph {
  const graph = new Map<AnyStage, readonly string[]>();
  const read = ({ inputs }: AnyStage) =>
    [...new Set(Object.values(inputs as Inputs).map(stageAt))].filter(({ name }) => there.has(name));
  const visit = (stage: AnyStage) => {
    if (graph.has(stage)) return;
    const stages = read(stage);
    stages.forEach(visit);
    graph.set(stage, stages.map(({ name }) => name));
  };
  read(report).forEach(visit);
  return [...graph].map(([{ name }, reads]) => ({ stage: name, reads }));
}

function stageAt(input: AnyStage | Every): AnyStage {
  return "every" in input ? input.every : input;
}
