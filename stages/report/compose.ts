/**
 * REPORT.md: the sections in order. The same artifacts give the same text; what differs from run to run is left
 * to placeholders.
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
import { headline, type Run } from "./headline.ts";
import { joined } from "./markdown.ts";
import { posterTitle } from "./poster.ts";
import { deviationsSection, differencesSection } from "./recipe.ts";
import { hardwareSection, provenanceSection, rerunSection } from "./rerun.ts";
import { resultsSection } from "./results.ts";

/** What was read and drawn for a report. */
export interface Prepared {
  readonly pictures: Pictures;
  /** Models whose features depend on running statistics: those with BatchNorm. */
  readonly buffered: readonly string[];
}

export function composeReport(run: Run, { pictures, buffered }: Prepared): string {
  const { sources } = run;
  return joined([
    headline(run),
    `# ${posterTitle}: a reproduction`,
    "The column *Paper* of Table 1 and the plan of Figure 1 are the paper's (S. Grant, M. Dias, S. Kulkarni, " +
    `*${posterTitle}*, poster, Stanford University). All else was computed, and links to the artifact that ` +
    "[holds it](#where-the-numbers-come-from).",
    resultsSection(run, buffered),
    architectureSection(),
    viewsSection(sources, pictures),
    saliencySection(sources, pictures),
    umapSection(sources, pictures),
    curvesSection(run, pictures),
    deviationsSection(run),
    differencesSection(sources, buffered),
    provenanceSection(run),
    hardwareSection(run),
    rerunSection(run),
  ]) + "\n";
}
