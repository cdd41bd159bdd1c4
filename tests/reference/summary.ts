/**
 * docs/reference.md: what was compared, how far apart it was found, and how far apart it may be.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { Topic } from "./topic.ts";

/** A topic and what was measured, by quantity. */
export interface Finding {
  readonly topic: Topic;
  readonly deviations: Readonly<Record<string, number>>;
}

const PATH = fileURLToPath(new URL("../../docs/reference.md", import.meta.url));
const REPORTED = "reported only";

const PREAMBLE = `# The reference

\`tests/reference/\` is an independent implementation of the recipe in PyTorch, written from
[its words](recipe.md) and not from this project's code: trees leaf by leaf instead of as grouped convolutions, gradients by
PyTorch's autograd, its own AdamW, torchvision and Pillow for views, scikit-learn for probes and measures, umap-learn for
layouts. BYOL, the leaves' penalty and what the released code does differently are there too. \`deno task test:reference\`
gives both sides the same weights, images and draws, and compares; it needs Python 3.11
and, the first time (or by \`deno task setup:reference\` alone), its package index (3.1 GB to fetch and 6 GB in \`~/.cache/treenet\`: for Linux on x86-64 the index has
PyTorch with its CUDA libraries only; where pip is told of an index with a build for CPUs it takes that).

The reference computes in float64, so that a deviation is ours alone: float32's rounding, in another order of sums. What
float32 costs PyTorch itself is measured beside it. Tolerances are a few times what was measured; a wrong constant, a
forgotten term or a shifted step is far outside.

ReLU makes gradients jump: where an activation lies within rounding of zero, float32 and float64 may take different sides,
and a gradient then differs in the third digit. That happens to PyTorch's float32 as it does to ours: of nine seeds tried
for the trajectories, once to ours alone and once to both. The seeds used are some where it does not happen to ours; where the kernel's rounding changes, a trajectory may need
another.

The tables are written by \`deno task test:reference --update\`, which also writes the golden values in
\`tests/reference/golden/\` that \`deno task test\` uses without Python.
`;

/** Writes the page, and formats it with the other files of the update, those in `golden`. */
export async function writeSummary(findings: readonly Finding[], golden: string): Promise<void> {
  await Deno.writeTextFile(PATH, [PREAMBLE, ...findings.map(section)].join("\n"));
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", PATH, golden] }).output();
}

/** The tolerances on the page, by topic and quantity. */
export async function allowedBySummary(): Promise<Readonly<Record<string, string>>> {
  const allowed: Record<string, string> = {};
  let topic = "";
  for (const line of (await Deno.readTextFile(PATH)).split("\n")) {
    topic = line.match(/^## (.*)/)?.[1] ?? topic;
    const cells = line.match(/^\|(.*)\|(.*)\|(.*)\|$/)?.slice(1).map((cell) => cell.trim());
    if (cells !== undefined && cells[0] !== "Quantity" && !cells[0].startsWith("---")) {
      allowed[`${topic}: ${cells[0]}`] = cells[2];
    }
  }
  return allowed;
}

/** The same from the topics. */
export function allowedByTopics(topics: readonly Topic[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    topics.flatMap(({ name, tolerances }) =>
      Object.entries(tolerances).map(([quantity, most]) => [`${name}: ${quantity}`, shownTolerance(most)])
    ),
  );
}

/** A table as text, for a terminal. */
export function printed({ topic, deviations }: Finding): string {
  return Object.entries(topic.tolerances)
    .map(([quantity, most]) =>
      `  ${shown(deviations[quantity]).padStart(9)}  ${quantity} (${shownTolerance(most)})`
    )
    .join("\n");
}

function section({ topic: { name, subject, unit, tolerances }, deviations }: Finding): string {
  const rows = Object.entries(tolerances).map(([quantity, most]) =>
    `| ${quantity} | ${shown(deviations[quantity])} | ${shownTolerance(most)} |`
  );
  return [
    `## ${name}`,
    "",
    `${subject} Measured: ${unit}.`,
    "",
    "| Quantity | Measured | At most |",
    "|---|--:|--:|",
    ...rows,
    "",
  ].join("\n");
}

function shownTolerance(tolerance: number | null): string {
  return tolerance === null ? REPORTED : shown(tolerance);
}

function shown(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toExponential(1);
}
