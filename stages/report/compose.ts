/**
 * REPORT.md: the sections in order. The same artifacts give the same text; a run's facts are placeholders.
 *
 * @module
 */
import {
  architectureSection,
  curvesSection,
  type Pictures,
  saliencySection,
  umapSection,
  viewsSection,
} from "./figures.ts";
import { gainsSection } from "./gains.ts";
import { headline, type Run } from "./headline.ts";
import { type Learned, learningSection } from "./learning.ts";
import { joined } from "./markdown.ts";
import { posterTitle } from "./poster.ts";
import { type Findings, reproducibilitySection } from "./reproducibility.ts";
import { deviationsSection, differencesSection } from "./recipe.ts";
import { hardwareSection, provenanceSection, rerunSection } from "./rerun.ts";
import { resultsSection } from "./results.ts";
import { verdictSection } from "./verdict.ts";

/** Findings and pictures of a report, ready to be composed. */
export interface Prepared extends Findings {
  readonly pictures: Pictures;
  readonly learned?: Learned;
}

export function composeReport(run: Run, prepared: Prepared): string {
  const { pictures, learned, buffered, answers, verdict } = prepared;
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
    viewsSection(sources, pictures),
    saliencySection(sources, pictures),
    umapSection(sources, pictures),
    curvesSection(run, pictures),
    learningSection(sources, { learned, buffered }),
    deviationsSection(run),
    differencesSection(sources, buffered),
    reproducibilitySection(run, prepared),
    provenanceSection(run),
    hardwareSection(run),
    rerunSection(run),
  ]) + "\n";
}
