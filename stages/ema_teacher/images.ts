/**
 * The images every encoder is judged by: the same ones for every model and seed, or their numbers could not be compared.
 *
 * @module
 */
import { join } from "node:path";
import { type Cifar, readCifar, select, stratified } from "../formats/cifar.ts";
import { writeNpy } from "../formats/npy.ts";
import { random } from "../treenet/random.ts";

/** Images and their places in the data set, ascending. */
export interface Chosen extends Cifar {
  readonly index: Int32Array;
}

/** Of each of the data set's parts. */
export interface Judged {
  readonly train: Chosen;
  readonly test: Chosen;
}

const SEED = 0x7e57; // of the selection

/** Equally many of each class, of both parts. */
export async function readJudged(
  folder: string,
  { trainImages, testImages }: { readonly trainImages: number; readonly testImages: number },
): Promise<Judged> {
  const { train, test } = await readCifar(folder);
  return { train: choose(train, trainImages), test: choose(test, testImages) };
}

/** `index_<part>.npy` and `labels_<part>.npy`. */
export async function writeJudged(folder: string, judged: Judged): Promise<void> {
  for (const part of ["train", "test"] as const) {
    const { index, labels } = judged[part];
    await writeNpy(join(folder, `index_${part}.npy`), { shape: [index.length], data: index });
    await writeNpy(join(folder, `labels_${part}.npy`), { shape: [labels.length], data: labels });
  }
}

function choose(cifar: Cifar, count: number): Chosen {
  const index = stratified(cifar.labels, count, random(SEED));
  return { index, ...select(cifar, index) };
}
