/**
 * The sanity check of Adebayo et al. (2018): layers are given fresh initial weights one after the other, from the output
 * back to the image, and the maps are compared with those of the trained network. Maps that stay the same do not show
 * what was learnt.
 *
 * @module
 */
import type { Weights } from "../parameters.ts";
import type { ParameterSpec } from "../types.ts";
import { mean } from "./quantile.ts";
import { meanCorrelation } from "./comparison.ts";
import { ssim } from "./ssim.ts";

/** A layer and the normalisation before it: what is made random in one step. */
export interface Layer {
  /** The name its parameters share: `leaves.conv3`; `layer2` for a whole stage of residual blocks, `stem` before it. */
  readonly name: string;
  readonly parameters: readonly string[];
}

/** From the image to the output. */
export function layersOf(specs: readonly ParameterSpec[]): readonly Layer[] {
  const groups = new Map<string, Layer>();
  for (const { name } of specs) {
    const path = name.slice(0, name.lastIndexOf("."));
    const key = groupOf(path);
    const parameters = [...groups.get(key)?.parameters ?? [], name];
    // A norm comes before the layer that it belongs to, and the layer gives the name.
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

/** The trained weights with the last `depth` layers fresh. */
export function randomised(
  trained: Weights,
  fresh: Weights,
  { layers, depth }: { readonly layers: readonly Layer[]; readonly depth: number },
): Weights {
  const replaced = layers.slice(layers.length - depth).flatMap(({ parameters }) => parameters);
  return { ...trained, ...Object.fromEntries(replaced.map((name) => [name, fresh[name]])) };
}

/** What is left of the maps after one step. */
export interface CascadeStep {
  /** Layers that are random by now. */
  readonly depth: number;
  /** The last of them to become so. */
  readonly layer: string;
  /** Of each leaf the mean over images. */
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
