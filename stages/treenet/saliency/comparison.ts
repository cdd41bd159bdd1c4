/**
 * How much the maps of a leaf depend on the method that makes them.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { normalise } from "../augment/normalise.ts";
import { largestOverChannels, type Network } from "./maps.ts";
import { completenessErrors, integratedGradients, smoothGradients } from "./methods.ts";
import { mean } from "./quantile.ts";
import { correlation, unitRanks } from "./ranks.ts";

/** Of one leaf, over the images compared. */
export interface Agreement {
  /** Mean rank correlation of the gradient's maps with SmoothGrad's. */
  readonly smoothGrad: number;
  /** The same with integrated gradients'. */
  readonly integrated: number;
  /** Of integrated gradients: what is missing of completeness, as a share of all that is attributed; the worst image. */
  readonly completenessError: number;
}

/** Maps [n, m, side, side] of the two other methods, and what they have in common with the gradient's. */
export interface Comparison {
  readonly smoothGrad: Float32Array;
  readonly integrated: Float32Array;
  readonly agreements: readonly Agreement[];
}

export interface ComparisonOptions {
  readonly side: number;
  /** Of SmoothGrad, and steps of integrated gradients. */
  readonly samples: number;
  readonly steps: number;
  readonly seed: number;
}

/** Compares on images [n, side, side, 3], sRGB bytes, whose gradient maps [n, m, side, side] are given. */
export function compareMethods(
  network: Network,
  images: { readonly pixels: Uint8Array; readonly gradients: Float32Array },
  { side, samples, steps, seed }: ComparisonOptions,
): Comparison {
  const { pixels, gradients } = images;
  const { leaves } = network.encoder;
  const x = tf.tensor4d(normalise(pixels), [pixels.length / (3 * side * side), side, side, 3]);
  try {
    const smoothGrad = largestOverChannels(smoothGradients(network, x, { samples, seed }));
    const exact = integratedGradients(network, x, { steps });
    const integrated = largestOverChannels(exact.attributions);
    const errors = completenessErrors(exact, leaves);
    const agreements = Array.from({ length: leaves }, (_, leaf): Agreement => {
      const withGradient = (other: Float32Array) =>
        meanCorrelation(gradients, other, { leaf, leaves, size: side * side });
      return {
        smoothGrad: withGradient(smoothGrad),
        integrated: withGradient(integrated),
        completenessError: errors[leaf],
      };
    });
    return { smoothGrad, integrated, agreements };
  } finally {
    x.dispose();
  }
}

/** Spearman's ρ between two sets of a leaf's maps, the mean over images. */
export function meanCorrelation(
  a: Float32Array,
  b: Float32Array,
  { leaf, leaves, size }: { readonly leaf: number; readonly leaves: number; readonly size: number },
): number {
  const own = (maps: Float32Array, image: number) =>
    unitRanks(maps.subarray((image * leaves + leaf) * size, (image * leaves + leaf + 1) * size));
  const images = a.length / (leaves * size);
  return mean(Array.from({ length: images }, (_, image) => correlation(own(a, image), own(b, image))));
}
