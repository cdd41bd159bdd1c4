/**
 * The sanity check of Adebayo et al. (2018): layers receive fresh initial weights one after the other, from
 * the output back to the image, and the maps are compared with those of the trained network. Maps that stay
 * the same do not show what the network learnt.
 *
 * @module
 */
import type { Weights } from "../nn/parameters.ts";
import type { ParameterSpec } from "../nn/types.ts";
import { mean } from "./quantile.ts";
import { meanCorrelation } from "./map_comparison.ts";
import { ssim } from "./ssim.ts";

/** A layer with the normalisation before it; each step makes one of them random. */
export interface Layer {
  /** Common name of its parameters: `leaves.conv3`; `layer2` for a stage of residual blocks; `stem`. */
  readonly name: string;
  readonly parameters: readonly string[];
}

/** Layers in order from the image to the output. */
export function layersOf(specs: readonly ParameterSpec[]): readonly Layer[] {
  const groups = new Map<string, Layer>();
  for (const { name } of specs) {
    const path = name.slice(0, name.lastIndexOf("."));
    const key = groupOf(path);
    const parameters = [...groups.get(key)?.parameters ?? [], name];
    // A norm comes before its layer, and the group is named after the layer.
    groups.set(key, { name: key.includes("/") ? path : key, parameters });
  }
  return [...groups.values()];
}

/** `leaves.norm2` and `leaves.conv2` → `leaves/2`; `layer1.0.conv3` → `layer1`; `conv1` → `stem`. */
function groupOf(path: string): string {
  const [first, second] = path.split(".");
  if (second === undefined) return "stem";
  if (/^layer\d+$/.test(first)) return first;
  return `${first}/${/\d*$/.exec(second)![0]}`;
}

/** The trained weights, with fresh weights in the last `depth` layers. */
export function randomised(
  trained: Weights,
  fresh: Weights,
  { layers, depth }: { readonly layers: readonly Layer[]; readonly depth: number },
): Weights {
  const replaced = layers.slice(layers.length - depth).flatMap(({ parameters }) => parameters);
  return { ...trained, ...Object.fromEntries(replaced.map((name) => [name, fresh[name]])) };
}

/** Similarity that the maps keep after one step. */
export interface CascadeStep {
  /** Number of layers that are random in this step. */
  readonly depth: number;
  /** Name of the layer that became random last. */
  readonly layer: string;
  /** Mean over images for each leaf; likewise `ssim`. */
  readonly spearman: readonly number[];
  readonly ssim: readonly number[];
}

/** Compares two networks' maps [n, m, side, side] of the same images, leaf by leaf. */
export function similarities(
  before: Float32Array,
  after: Float32Array,
  { leaves, side }: { readonly leaves: number; readonly side: number },
): Pick<CascadeStep, "spearman" | "ssim"> {
  const size = side * side;
  const images = before.length / (leaves * size);
  const each = <T>(count: number, of: (i: number) => T) => Array.from({ length: count }, (_, i) => of(i));
  const map = (maps: Float32Array, image: number, leaf: number) =>
    maps.subarray((image * leaves + leaf) * size, (image * leaves + leaf + 1) * size);
  return {
    spearman: each(leaves, (leaf) => meanCorrelation(before, after, { leaf, leaves, size })),
    ssim: each(
      leaves,
      (leaf) => mean(each(images, (image) => ssim(map(before, image, leaf), map(after, image, leaf)))),
    ),
  };
}
