/**
 * Agreement of a leaf's maps between the methods that make them.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { normalise } from "../augment/normalise.ts";
import { largestOverChannels, type Network } from "./maps.ts";
import { completenessErrors, integratedGradients, smoothGradients } from "./map_methods.ts";
import { mean } from "./quantile.ts";
import { correlation, unitRanks } from "./ranks.ts";

/** Agreement for one leaf, over the images compared. */
export interface Agreement {
  /** Mean rank correlation of the gradient's maps with SmoothGrad's. */
  readonly smoothGrad: number;
  /** Mean rank correlation of the gradient's maps with those of integrated gradients. */
  readonly integrated: number;
  /** Largest completeness error of integrated gradients over images, as a share of all attributions. */
  readonly completenessError: number;
}

/** Maps [n, m, side, side] of the two other methods, and their agreement with the gradient's maps. */
export interface Comparison {
  readonly smoothGrad: Float32Array;
  readonly integrated: Float32Array;
  readonly agreements: readonly Agreement[];
}

export interface ComparisonOptions {
  readonly side: number;
  /** Noisy copies for SmoothGrad; `steps` are those of integrated gradients. */
  readonly samples: number;
  readonly steps: number;
  readonly seed: number;
}

/** Compares the methods on images [n, side, side, 3], sRGB bytes, with gradient maps [n, m, side, side]. */
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

/** Spearman's ρ between two sets of a leaf's maps, mean over images. */
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
