/**
 * Writes a report: its tables of data, its own sections and those of the stages.
 *
 * @module
 */
import { join } from "node:path";
import type { Context } from "../../pipeline/stage.ts";
import { writeCsv } from "../../formats/csv.ts";
import type { Page, Section } from "../section.ts";
import { pageOf } from "./page.ts";
import type { ReportMeta, ReportParams } from "./params.ts";
import { type Answers, readAnswers } from "./read/answers.ts";
import {
  type Comparison,
  comparisonsColumns,
  comparisonsOf,
  comparisonsRows,
  verdictOn,
} from "./read/comparisons.ts";
import { deviations } from "./read/deviations.ts";
import { recipeOf } from "./read/paper.ts";
import { type Settings, settingsOf } from "./read/settings.ts";
import {
  artifactsOf,
  everyArtifact,
  modelsOf,
  modelsWithBuffers,
  seedsOf,
  type Sources,
  stageOf,
} from "./read/sources.ts";
import { rowsOf } from "./sections/table1.ts";
import { table1Csv } from "./sections/table1_csv.ts";
import { joined } from "../../formats/markdown.ts";
import { posterTitle } from "./read/poster.ts";
import { architectureSection } from "./sections/architecture.ts";
import { gainsSection } from "./sections/gains.ts";
import { headline, isScaledDown, type Run } from "./sections/headline.ts";
import { deviationsSection, differencesSection } from "./sections/recipe_used.ts";
import { type Findings, reproducibilitySection } from "./sections/reproducibility.ts";
import { hardwareSection, provenanceSection, rerunSection } from "./sections/rerun.ts";
import { resultsSection } from "./sections/results.ts";
import { sweepSection } from "./sections/sweep_section.ts";
import { verdictSection } from "./sections/verdict_section.ts";

/** Stage → the section it declares. */
export type Sections = Readonly<Record<string, Section>>;

/** Writes the artifact's files. */
export async function run(context: Context, params: ReportParams, sources: Sources): Promise<ReportMeta> {
  const { profile, sweep, graph, viewCosts } = params;
  const settings = params.settings as Settings;
  const artifacts = everyArtifact({ sources, graph });
  const tasks = artifacts.map((artifact) => ({
    stage: stageOf(artifact),
    point: artifact.point,
    params: settingsOf(artifact.task, settings),
  }));
  const told: Run = {
    profile,
    sources,
    sweep,
    settings,
    graph,
    viewCosts,
    deviations: deviations(tasks, recipeOf(params.recipe)),
  };
  const sections = Object.entries(context.modules as Readonly<Record<string, { readonly default: Section }>>)
    .map(([stage, module]) => [stage, module.default] as const);
  await writeReport(context.out, told, Object.fromEntries(sections));
  return {
    models: modelsOf(artifacts),
    seeds: seedsOf(artifacts),
    scaledDown: isScaledDown(told),
    deviations: told.deviations.length,
  };
}

/** Writes REPORT.md, its tables of data and figures/ into `out`, an existing folder. */
export async function writeReport(out: string, run: Run, sections: Sections): Promise<void> {
  await Deno.mkdir(join(out, "figures"), { recursive: true });
  const { sources } = run;
  const buffered = await modelsWithBuffers(sources.teachers);
  const answers = await readAnswers(sources);
  const comparisons = answers === undefined ? [] : comparisonsOf(answers, sources);
  const scaledDown = isScaledDown(run);
  await writeTables(out, { ...run, scaledDown, answers, comparisons });
  const verdict = verdictOn(answers, { scaledDown });
  const page = pageOf(out, run, buffered);
  const swept = await sweepSection(run, { page, answers });
  const ofStages = await writeSections(sections, { run, page });
  const text = composeReport(run, { buffered, answers, comparisons, verdict, swept, ofStages });
  await Deno.writeTextFile(join(out, "REPORT.md"), text);
}

async function writeSections(
  sections: Sections,
  { run, page }: { readonly run: Run; readonly page: Page },
): Promise<readonly (string | undefined)[]> {
  const inOrder = Object.entries(sections)
    .sort(([a, { order: first }], [b, { order: second }]) => first - second || (a < b ? -1 : 1));
  return await Promise.all(inOrder.map(([stage, { write }]) => {
    const artifacts = artifactsOf(stage, run.sources);
    return artifacts.length === 0 ? undefined : write(artifacts, page);
  }));
}

async function writeTables(
  out: string,
  { sources, settings, scaledDown, answers, comparisons }: {
    readonly sources: Sources;
    readonly settings: Settings;
    readonly scaledDown: boolean;
    readonly answers?: Answers;
    readonly comparisons: readonly Comparison[];
  },
): Promise<void> {
  await writeCsv(join(out, "table1.csv"), table1Csv(rowsOf({ sources, settings }), { scaledDown, answers }));
  if (comparisons.length === 0) return;
  const rows = comparisonsRows(comparisons, answers);
  await writeCsv(join(out, "comparisons.csv"), { columns: comparisonsColumns, rows });
}

/** Findings of a report, the section of a sweep, and those of stages in their order. */
interface Prepared extends Findings {
  readonly swept?: string;
  readonly ofStages: readonly (string | undefined)[];
}

/** REPORT.md: the sections in order. */
function composeReport(run: Run, prepared: Prepared): string {
  const { buffered, answers, verdict, swept, ofStages } = prepared;
  const { sources } = run;
  return joined([
    headline(run),
    `# ${posterTitle}: a reproduction`,
    "The column *Paper* of Table 1 and the plan of Figure 1 are the paper's (S. Grant, M. Dias, S. Kulkarni, " +
    `*${posterTitle}*, poster, Stanford University). All else was computed, and links to the artifact that ` +
    "[holds it](#where-the-numbers-come-from).",
    resultsSection(run, { buffered, answers }),
    swept,
    gainsSection(sources, prepared),
    verdictSection(verdict, prepared),
    architectureSection(),
    ...ofStages,
    deviationsSection(run),
    differencesSection(run, buffered),
    reproducibilitySection(run, prepared),
    provenanceSection(run),
    hardwareSection(run),
    rerunSection(run),
  ]) + "\n";
}
