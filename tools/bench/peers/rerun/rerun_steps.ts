/**
 * The graph that all engines are given: this project's eight stages, each of which writes what it was given and a word
 * of its own.
 *
 * @module
 */

/** A step of the graph. */
export interface Step {
  readonly name: string;
  readonly inputs: readonly string[];
}

export const STEPS: readonly Step[] = [
  { name: "download", inputs: [] },
  { name: "augment-cache", inputs: ["download"] },
  { name: "train", inputs: ["augment-cache"] },
  { name: "ema-teacher", inputs: ["train"] },
  { name: "probe", inputs: ["ema-teacher"] },
  { name: "saliency", inputs: ["ema-teacher"] },
  { name: "umap", inputs: ["ema-teacher"] },
  { name: "report", inputs: ["probe", "saliency", "umap"] },
];

/** The shell command of a step; `word` is what an edit of the last step changes. */
export function commandOf({ name, inputs }: Step, word: string): string {
  const own = name === STEPS.at(-1)!.name ? word : name;
  const read = inputs.map((input) => `${input}.txt`);
  return read.length === 0
    ? `echo ${own} > ${name}.txt`
    : `cat ${read.join(" ")} > ${name}.txt && echo ${own} >> ${name}.txt`;
}
