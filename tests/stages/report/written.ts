/**
 * Reports written for tests, of artifacts that were made up.
 *
 * @module
 */
import { join } from "node:path";
import paper from "../../../profiles/paper.json" with { type: "json" };
import type { Deviation } from "../../../stages/report/read/deviations.ts";
import type { ReportParams } from "../../../stages/report/params.ts";
import type { Sources } from "../../../stages/report/read/sources.ts";
import { type Sections, writeReport } from "../../../stages/report/run.ts";
import { pipeline } from "../../../workflow/mod.ts";
import { graphOf } from "../../../workflow/with_sections.ts";
import { generate, settingsFor, type Wanted } from "./generated.ts";

const report = await pipeline.load("report");
/** The stages upstream of the paper profile's report. */
export const graph = graphOf(report, new Set(Object.keys(paper)));
/** The namespace of every stage's section. */
export const modules = await load(report.modules!({ graph }));
/** The sections themselves. */
export const sections: Sections = Object.fromEntries(
  Object.entries(modules).map(([stage, module]) => [stage, module.default]),
);

async function load(urls: Readonly<Record<string, string>>) {
  const loaded = Object.entries(urls).map(async ([stage, url]) => [stage, await import(url)] as const);
  return Object.fromEntries(await Promise.all(loaded));
}

export const one: Wanted = { models: ["cnn", "dense-join", "brand-new"], seeds: [0] };
export const scaled: readonly Deviation[] = [
  { stage: "train", field: "epochs", recipe: 100, here: 5, models: ["dense-join", "cnn", "brand-new"] },
  { stage: "umap", field: "neighbors", recipe: 15, here: [1, 2], models: ["cnn"] },
];

export async function written(
  wanted: Wanted,
  options: {
    readonly deviations?: readonly Deviation[];
    readonly sweep?: ReportParams["sweep"];
    readonly only?: readonly (keyof Sources)[];
    readonly change?: (sources: Sources) => Sources;
    /** Sections of stages. @default all */
    readonly of?: Sections;
  } = {},
) {
  const root = await Deno.makeTempDir();
  const all = await generate(root, wanted);
  const entries = Object.entries(all).map(([name, list]) =>
    [name, options.only?.includes(name as keyof Sources) ?? true ? list : []] as const
  );
  const chosen = Object.fromEntries(entries) as unknown as Sources;
  const sources = options.change?.(chosen) ?? chosen;
  const out = join(root, "out");
  await Deno.mkdir(out);
  const typeOf = (model: string) => options.sweep?.find((each) => each.model === model)?.of ?? model;
  const settings = settingsFor(sources, typeOf);
  const viewCosts = Object.fromEntries(wanted.models.map((model) => [model, { 32: 1_234_567, 13: 234_567 }]));
  const { deviations = [], sweep = [] } = options;
  await writeReport(
    out,
    { profile: "quick", sources, sweep, settings, graph, viewCosts, deviations },
    options.of ?? sections,
  );
  const text = await Deno.readTextFile(join(out, "REPORT.md"));
  return { out, sources, text, [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }) };
}

/** Marks a model as one to compare with. */
export function asControl(model: string): (sources: Sources) => Sources {
  return (sources) => ({
    ...sources,
    trained: sources.trained.map((artifact) => ({
      ...artifact,
      meta: { ...artifact.meta, control: artifact.point.model === model },
    })),
  });
}

export async function filesUnder(dir: string, prefix = ""): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(dir, prefix))) {
    const path = prefix === "" ? name : `${prefix}/${name}`;
    names.push(...isDirectory ? await filesUnder(dir, path) : [path]);
  }
  return names.sort();
}

/** A heading's anchor, as GitHub makes it. */
export function slug(heading: string): string {
  return heading.toLowerCase().replace(/[^a-z0-9 -]/g, "").replaceAll(" ", "-");
}
