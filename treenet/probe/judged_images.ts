/**
 * The images every encoder is judged by: the same ones for every model and seed, or their numbers could not be compared.
 *
 * @module
 */
import { type Cifar, select, stratified } from "../../formats/cifar.ts";
import { random } from "../random.ts";

/** Images and their places in the data set, ascending. */
export interface Chosen extends Cifar {
  readonly index: Int32Array;
}

/** The images of both parts of the data set. */
export interface Judged {
  readonly train: Chosen;
  readonly test: Chosen;
}

const SEED = 0x7e57; // of the selection

/** Equally many of each class, of both parts. */
export function judgedImages(
  { train, test }: { readonly train: Cifar; readonly test: Cifar },
  { trainImages, testImages }: { readonly trainImages: number; readonly testImages: number },
): Judged {
  return { train: choose(train, trainImages), test: choose(test, testImages) };
}

function choose(cifar: Cifar, count: number): Chosen {
  const index = stratified(cifar.labels, count, random(SEED));
  return { index, ...select(cifar, index) };
}
