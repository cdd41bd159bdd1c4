/**
 * The contract between a stage and the report. A stage with something to show has a `section.ts` beside its `mod.ts`,
 * whose default export is a {@linkcode Section}; the report of every profile that names the stage then has it. The
 * `mod.ts` of a stage whose files are large exports `sectionReads`, the names of those that the section reads.
 *
 * @module
 */
import type { Artifact, Json } from "../pipeline/stage.ts";
import type { Row } from "../formats/csv.ts";
import { listed } from "../formats/written_numbers.ts";
import type { Curve, Quantity } from "../treenet/figures/curves.ts";

/** A chapter of the report, made of the artifacts of one stage. */
// deno-lint-ignore no-explicit-any
export interface Section<Meta = any> {
  /** Chapters of stages stand after Figure 1 in ascending order, those of one order by the name of the stage. */
  readonly order: number;
  /**
   * Writes the figures and returns the Markdown, from its heading on; undefined where there is nothing to show. The
   * artifacts are at least one, by model, then seed.
   */
  readonly write: (artifacts: readonly Artifact<Meta>[], page: Page) => Promise<string | undefined>;
}

/** Helpers that the report lends to a section. */
export interface Page {
  /** The model's name as Table 1 prints it. */
  readonly title: (artifact: Artifact<unknown>) => string;
  /** The model has running statistics, for which Table 1 marks it with †. */
  readonly isMarked: (artifact: Artifact<unknown>) => boolean;
  /** The artifact of the smallest seed of every model that is no control and bears its type's name. */
  readonly firstSeeds: <Meta>(artifacts: readonly Artifact<Meta>[]) => readonly Artifact<Meta>[];
  /** Parameters that made an artifact, defaults resolved. */
  readonly settings: (artifact: Artifact<unknown>) => Json;
  /** Copies a file of an artifact, if it has it, to `figures/<name>`; returns where, relative to REPORT.md. */
  readonly copy: (
    artifact: Artifact<unknown>,
    names: { readonly file: string; readonly name: string },
  ) => Promise<string | undefined>;
  /** Writes a figure and its data to `figures/<name>.svg`, `.png` and `.csv`. */
  readonly draw: (name: string, drawing: Drawing) => Promise<Drawn>;
  /** Reads a table of a run with a column `images` and these quantities. */
  readonly readCurve: (
    artifact: Artifact<unknown>,
    from: { readonly file: string; readonly quantities: readonly Quantity[] },
  ) => Promise<Curve>;
  /** Draws one line a run, one panel for each quantity that any of them has. */
  readonly drawCurves: (
    name: string,
    plot: {
      readonly title: string;
      readonly curves: readonly Curve[];
      readonly quantities: readonly Quantity[];
    },
  ) => Promise<Drawn>;
}

/** A figure with the data that it shows. */
export interface Drawing {
  readonly svg: string;
  /** Pixels of the PNG per unit of the drawing. @default 2 */
  readonly scale?: number;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

/** Paths of one figure, relative to REPORT.md: to look at, to print, to check. */
export interface Drawn {
  readonly png: string;
  readonly svg?: string;
  readonly csv?: string;
}

/** The last sentence of a caption, with links to the figure's other forms. */
export function alternatives({ svg, csv }: Drawn): string {
  const links = [svg && `[SVG](${svg})`, csv && `[data](${csv})`].filter((link) => link !== undefined);
  return links.length === 0 ? "" : ` As ${links.join(" and ")}.`;
}

/** Place of a task's row in the provenance table: `probe[cnn,0]` → `probe-cnn-0`. */
export function anchor(task: string): string {
  return task.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/-$/, "");
}

/** Content that links to the artifact it comes from. */
export function from(task: string, content: string): string {
  return `[${content}](#${anchor(task)})`;
}

/** Links to artifacts, by their names. */
export function tasksOf(artifacts: readonly Artifact<unknown>[]): string {
  return listed(artifacts.map(({ task }) => from(task, `\`${task}\``)));
}

/** A volatile fact of a task, which the engine fills in from its run.json when it publishes the report. */
export function volatile(task: string, field: string): string {
  return `{{run ${task} ${field}}}`;
}

/**
 * `amount` a second of a task's run, filled in likewise; empty where the run has recorded the field `unless`.
 */
export function rate(task: string, amount: number, { unless }: { readonly unless: string }): string {
  return `{{rate ${task} ${amount} unless ${unless}}}`;
}

/** The artifact's model; empty for a stage without that axis. */
export function modelOf(artifact: Artifact<unknown>): string {
  return String(artifact.point.model ?? "");
}

/** The artifact's seed; 0 for a stage without that axis. */
export function seedOf(artifact: Artifact<unknown>): number {
  return Number(artifact.point.seed ?? 0);
}
