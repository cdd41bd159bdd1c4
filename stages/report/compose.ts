/**
 * REPORT.md: the sections in order. The same artifacts give the same text; a run's facts are placeholders.
 *
 * @module
 */
import { joined } from "../../formats/markdown.ts";
import { posterTitle } from "./read/poster.ts";
import { architectureSection } from "./sections/architecture.ts";
import { gainsSection } from "./sections/gains.ts";
import { headline, type Run } from "./sections/headline.ts";
import { deviationsSection, differencesSection } from "./sections/recipe_used.ts";
import { type Findings, reproducibilitySection } from "./sections/reproducibility.ts";
import { hardwareSection, provenanceSection, rerunSection } from "./sections/rerun.ts";
import { resultsSection } from "./sections/results.ts";
import { verdictSection } from "./sections/verdict_section.ts";

/** The findings of a report, and the sections of stages in their order. */
export interface Prepared extends Findings {
  readonly ofStages: readonly (string | undefined)[];
}

export function composeReport(run: Run, prepared: Prepared): string {
  const { buffered, answers, verdict, ofStages } = prepared;
  const { sources } = run;
  return joined([
    headline(run),
    `# ${posterTitle}: a reproduction`,
    "The column *Paper* of Table 1 and the plan of Figure 1 are the paper's (S. Grant, M. Dias, S. Kulkarni, " +
    `*${posterTitle}*, poster, Stanford University). All else was computed, and links to the artifact that ` +
    "[holds it](#where-the-numbers-come-from).",
    resultsSection(run, { buffered, answers }),
    gainsSection(sources, prepared),
    verdictSection(verdict, prepared),
    architectureSection(),
    ...ofStages,
    deviationsSection(run),
    differencesSection(sources, buffered),
    reproducibilitySection(run, prepared),
    provenanceSection(run),
    hardwareSection(run),
    rerunSection(run),
  ]) + "\n";
}
