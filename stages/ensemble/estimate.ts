/**
 * Estimated cost of comparing the leaves of a tree.
 *
 * @module
 */
import type { Estimate, EstimateContext } from "../../pipeline/stage.ts";
import { encoderOf, leafFeatures, passSeconds } from "../../treenet/rates.ts";
import type { EnsembleParams } from "./params.ts";

const NETWORKS = 2;
const MAP = 3; // passes: one forward, two backward
const COPIES = 3; // of the outputs, in float64
/** Multiplications a second of sums over images, and of factorisations. */
const RATE = 1.5e9;
/** Seconds of two maps compared. */
const PAIR = 2e-6;

export function estimateEnsemble(
  { architecture, trainImages: train, testImages: test, mapImages, draws }: EnsembleParams,
  { modules }: EstimateContext,
): Estimate {
  const encoder = encoderOf(modules, architecture), size = leafFeatures(encoder), { leaves } = encoder;
  const networks = size === 0 ? 0 : NETWORKS;
  const count = networks * (train + test + MAP * mapImages), seconds = count * passSeconds(encoder);
  const sums = (train + test) * size ** 2, factors = (1 + draws / 7) * size ** 3 / 6;
  const judged = (2 + draws) * test * size * 10;
  return {
    seconds: 1 + seconds + networks * ((sums + factors + judged) / RATE + PAIR * mapImages * leaves ** 2),
    units: { count, seconds },
    disk: 100_000 + networks * (leaves + 2) * test,
    memory: 500_000_000 + COPIES * 8 * train * size,
  };
}
