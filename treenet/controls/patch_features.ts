/**
 * Features of images by the classical pipeline of one layer (Coates et al. 2011): whitened patches, k-means
 * centroids, the "triangle" activation and a sum over each quadrant. Nothing is deep or uses labels.
 *
 *     f_k(x) = max(0, μ(z) − z_k)        z_k = ‖x − c_k‖, μ(z) its mean over k
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { random } from "../random.ts";
import type { Ops } from "../nn/types.ts";
import { kmeans } from "../linalg/kmeans.ts";
import { drawPatches, everyPatch, type Images, patchLength, places } from "./patches.ts";
import { whitened, type Whitening, whiteningOf } from "./whitening.ts";

/** Sizes, by their names in a profile. */
export interface PatchOptions {
  /** Pixels on a side of a patch. */
  readonly size: number;
  /** Pixels from one patch to the next when images are encoded. */
  readonly stride: number;
  /** K */
  readonly centroids: number;
  /** Number of patches from which whitening and centroids are learned. */
  readonly count: number;
  readonly iterations: number;
  /** ε of the whitening. */
  readonly epsilon: number;
}

/** Whitening and centroids learned from patches of training images. */
export interface Dictionary extends PatchOptions {
  readonly whitening: Whitening;
  /** Centroids of whitened patches, [K, size · size · 3]. */
  readonly centres: Float32Array;
}

interface Learning extends PatchOptions {
  readonly ops: Ops;
  /** Seed of the patches and of the start of k-means. */
  readonly seed: number;
  readonly progress?: (done: number) => void | Promise<void>;
}

/** Number of this random stream, so that no other draw repeats it. */
const STREAM = 0xc0a7e5;

/** Learns whitening and centroids. */
export async function learnDictionary(images: Images, options: Learning): Promise<Dictionary> {
  const { size, epsilon, seed } = options;
  const patches = drawPatches(images, { ...options, stream: random(seed, STREAM, 0) });
  const length = patchLength(size);
  const whitening = whiteningOf(patches, { size: length, epsilon });
  const rows = whitened(patches, whitening);
  const centres = await kmeans(rows, { ...options, size: length, stream: random(seed, STREAM, 1) });
  const { stride, centroids, count, iterations } = options;
  return { size, stride, centroids, count, iterations, epsilon, whitening, centres };
}

/** Features, float32 [n, 4K]: the summed activations of the four quadrants, one quadrant after the other. */
export async function patchFeatures(
  images: Images,
  dictionary: Dictionary,
  options: { readonly ops: Ops; readonly progress?: (done: number) => void | Promise<void> },
): Promise<Float32Array> {
  const count = images.bytes.length / (images.side ** 2 * 3);
  const width = 4 * dictionary.centroids;
  const filters = filtersOf(dictionary);
  const along = places(images.side, dictionary);
  const out = new Float32Array(count * width);
  for (let image = 0; image < count; image++) {
    const patches = everyPatch(images, image, dictionary);
    const products = await multiply(patches, filters, options.ops);
    pool(products, { filters, along, into: out.subarray(image * width, (image + 1) * width) });
    if (image % 50 === 49) await options.progress?.(image + 1);
  }
  filters.matrix.dispose();
  return out;
}

/** Filters: their product with a patch gives its whitened coordinates and its products with the centroids. */
interface Filters {
  /** [d, d + K] */
  readonly matrix: tf.Tensor2D;
  /** Contribution of the patches' mean to each column. */
  readonly offsets: Float64Array;
  /** d */
  readonly size: number;
  /** ‖c‖² of every centroid. */
  readonly squares: Float64Array;
}

function filtersOf({ whitening: { mean, matrix }, centres, centroids }: Dictionary): Filters {
  const size = mean.length, width = size + centroids;
  const values = new Float32Array(size * width);
  const [offsets, squares] = [new Float64Array(width), new Float64Array(centroids)];
  for (let c = 0; c < centroids; c++) {
    for (let j = 0; j < size; j++) squares[c] += centres[c * size + j] ** 2;
  }
  for (let i = 0; i < size; i++) {
    const of = matrix.subarray(i * size, (i + 1) * size);
    values.set(of, i * width);
    for (let c = 0; c < centroids; c++) {
      let sum = 0;
      for (let j = 0; j < size; j++) sum += of[j] * centres[c * size + j];
      values[i * width + size + c] = sum;
    }
    for (let k = 0; k < width; k++) offsets[k] += mean[i] * values[i * width + k];
  }
  return { matrix: tf.tensor2d(values, [size, width]), offsets, size, squares };
}

async function multiply(patches: Float32Array, { matrix, size }: Filters, ops: Ops): Promise<Float32Array> {
  const product = tf.tidy(() => ops.matMul(tf.tensor2d(patches, [patches.length / size, size]), matrix));
  const values = await product.data() as Float32Array;
  product.dispose();
  return values;
}

/** Adds every patch's activations to its quadrant: top left, top right, bottom left, bottom right. */
function pool(
  products: Float32Array,
  { filters, along, into }: {
    readonly filters: Filters;
    readonly along: number;
    readonly into: Float32Array;
  },
): void {
  const { offsets, size, squares } = filters;
  const centroids = squares.length, width = size + centroids;
  const distances = new Float64Array(centroids);
  for (let patch = 0; patch < along * along; patch++) {
    const at = patch * width;
    let square = 0, mean = 0;
    for (let j = 0; j < size; j++) square += (products[at + j] - offsets[j]) ** 2;
    for (let c = 0; c < centroids; c++) {
      const inner = products[at + size + c] - offsets[size + c];
      mean += distances[c] = Math.sqrt(Math.max(0, square - 2 * inner + squares[c]));
    }
    mean /= centroids;
    const right = patch % along * 2 >= along ? 1 : 0, below = Math.floor(patch / along) * 2 >= along ? 1 : 0;
    const from = (2 * below + right) * centroids;
    for (let c = 0; c < centroids; c++) into[from + c] += Math.max(0, mean - distances[c]);
  }
}
