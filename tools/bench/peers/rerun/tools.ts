/**
 * The same graph for Snakemake, DVC and Ninja.
 *
 * @module
 */
import { commandOf, type Step, STEPS } from "./rerun_steps.ts";

/** Another engine. */
export interface Tool {
  readonly name: "snakemake" | "dvc" | "ninja";
  /** The file that describes the graph. */
  readonly file: string;
  /** Its contents; `word` is what an edit of the last step changes. */
  readonly graph: (word: string) => string;
  /** Once, in an empty folder. */
  readonly setUp: readonly string[];
  /** Brings all up to date. */
  readonly update: readonly string[];
}

const LAST = STEPS.at(-1)!.name;
const files = (names: readonly string[], quote = "") =>
  names.map((name) => `${quote}${name}.txt${quote}`).join(quote === "" ? " " : ", ");

export const TOOLS: readonly Tool[] = [
  {
    name: "snakemake",
    file: "Snakefile",
    graph: (word) =>
      [`rule all:\n    input: "${LAST}.txt"`, ...STEPS.map((step) => ruleOf(step, word))].join("\n\n") + "\n",
    setUp: [],
    update: ["snakemake", "--cores", "all", "--quiet", "all"],
  },
  {
    name: "dvc",
    file: "dvc.yaml",
    graph: (word) => JSON.stringify({ stages: Object.fromEntries(STEPS.map((step) => stageOf(step, word))) }),
    setUp: ["dvc", "init", "--no-scm", "--quiet"],
    update: ["dvc", "repro", "--quiet"],
  },
  {
    name: "ninja",
    file: "build.ninja",
    graph: (word) => "rule sh\n  command = $run\n" + STEPS.map((step) => buildOf(step, word)).join(""),
    setUp: [],
    update: ["ninja", "--quiet"],
  },
];

function ruleOf(step: Step, word: string): string {
  const input = step.inputs.length === 0 ? "" : `\n    input: ${files(step.inputs, '"')}`;
  return `rule ${step.name.replace("-", "_")}:${input}\n    output: ${files([step.name], '"')}\n` +
    `    shell: ${JSON.stringify(commandOf(step, word))}`;
}

function stageOf(step: Step, word: string): readonly [string, unknown] {
  const deps = step.inputs.map((name) => `${name}.txt`);
  return [step.name, { cmd: commandOf(step, word), deps, outs: [`${step.name}.txt`] }];
}

function buildOf(step: Step, word: string): string {
  return `build ${step.name}.txt: sh ${files(step.inputs)}\n  run = ${commandOf(step, word)}\n`;
}
