/**
 * CIFAR-10 in its authors' own binary format (Krizhevsky 2009): records of one label byte and 3,072 pixel
 * bytes, 1,024 red, then 1,024 green, then 1,024 blue, each 32 × 32 row-major. In memory the channels of a
 * pixel are adjacent: [n, 32, 32, 3].
 *
 * @module
 */
import { concat } from "./bytes.ts";

/** Labelled images. */
export interface Cifar {
  /** [n], 0 … 9, an index into {@linkcode CLASSES}. */
  readonly labels: Uint8Array;
  /** [n, 32, 32, 3], sRGB 0–255. */
  readonly images: Uint8Array;
}

/** Names of the classes, in the order of their labels. */
export const CLASSES = [
  "airplane",
  "automobile",
  "bird",
  "cat",
  "deer",
  "dog",
  "frog",
  "horse",
  "ship",
  "truck",
] as const;

/** Pixels on a side. */
export const SIDE = 32;
/** Pixels of an image. */
export const PIXELS = SIDE * SIDE;
/** Bytes of an image. */
export const IMAGE_BYTES = 3 * PIXELS;
/** Bytes of a record: the label, then the image. */
export const RECORD_BYTES = 1 + IMAGE_BYTES;

export const TRAIN_FILES = [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`);
export const TEST_FILE = "test_batch.bin";

/** Reads the six batches of a folder; the number of records follows from the size of the files. */
export async function readCifar(dir: string): Promise<{ readonly train: Cifar; readonly test: Cifar }> {
  const batches = await Promise.all(TRAIN_FILES.map((name) => readBatch(`${dir}/${name}`)));
  return { train: join(batches), test: await readBatch(`${dir}/${TEST_FILE}`) };
}

/** Reads one file of records. */
export async function readBatch(path: string): Promise<Cifar> {
  return parseRecords(await Deno.readFile(path), path);
}

/** Records → labels and images; `path` names them in errors. */
export function parseRecords(bytes: Uint8Array, path = "records"): Cifar {
  const n = bytes.length / RECORD_BYTES;
  if (n === 0 || !Number.isInteger(n)) {
    throw malformed(path, `it has ${bytes.length} bytes, expected a multiple of ${RECORD_BYTES}`);
  }
  const labels = new Uint8Array(n);
  const images = new Uint8Array(n * IMAGE_BYTES);
  for (let i = 0, from = 0, to = 0; i < n; i++, from += 2 * PIXELS) {
    labels[i] = bytes[from++];
    if (labels[i] >= CLASSES.length) {
      throw malformed(path, `record ${i} has label ${labels[i]}, expected 0 to ${CLASSES.length - 1}`);
    }
    for (let pixel = 0; pixel < PIXELS; pixel++, from++) {
      images[to++] = bytes[from];
      images[to++] = bytes[from + PIXELS];
      images[to++] = bytes[from + 2 * PIXELS];
    }
  }
  return { labels, images };
}

/** Labels and images → records. */
export function formatRecords({ labels, images }: Cifar): Uint8Array<ArrayBuffer> {
  if (images.length !== labels.length * IMAGE_BYTES) {
    throw new RangeError(
      `Cannot write records: got ${images.length} bytes of images for ${labels.length} labels, ` +
        `expected ${labels.length * IMAGE_BYTES}`,
    );
  }
  const bytes = new Uint8Array(labels.length * RECORD_BYTES);
  for (let i = 0, from = 0, to = 0; i < labels.length; i++, to += 2 * PIXELS) {
    bytes[to++] = labels[i];
    for (let pixel = 0; pixel < PIXELS; pixel++, to++) {
      bytes[to] = images[from++];
      bytes[to + PIXELS] = images[from++];
      bytes[to + 2 * PIXELS] = images[from++];
    }
  }
  return bytes;
}

/** The images at the given indices, in that order. */
export function select({ labels, images }: Cifar, indices: Int32Array): Cifar {
  const chosen = {
    labels: new Uint8Array(indices.length),
    images: new Uint8Array(indices.length * IMAGE_BYTES),
  };
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i] * IMAGE_BYTES;
    chosen.labels[i] = labels[indices[i]];
    chosen.images.set(images.subarray(from, from + IMAGE_BYTES), i * IMAGE_BYTES);
  }
  return chosen;
}

/**
 * Draws `n` items with equally many of each class, to within one (or all of a class that has fewer); the
 * classes that get the remainder are drawn too. Returns indices in ascending order, or all of them if `n` is
 * not below their number.
 */
export function stratified(
  labels: Uint8Array,
  n: number,
  stream: { integer(n: number): number },
): Int32Array<ArrayBuffer> {
  const classes = Array.from(CLASSES, (_, label) => members(labels, label));
  const order = shuffled([...classes.keys()], stream);
  for (const [label, of] of classes.entries()) classes[label] = shuffled(of, stream);
  const chosen: number[] = [];
  const wanted = Math.min(n, classes.reduce((sum, { length }) => sum + length, 0));
  for (let turn = 0; chosen.length < wanted; turn++) {
    const index = classes[order[turn % order.length]].pop();
    if (index !== undefined) chosen.push(index);
  }
  return Int32Array.from(chosen).sort();
}

function members(labels: Uint8Array, label: number): number[] {
  return [...labels.keys()].filter((i) => labels[i] === label);
}

/** Fisher–Yates shuffle. */
function shuffled(items: readonly number[], stream: { integer(n: number): number }): number[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = stream.integer(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

function join(parts: readonly Cifar[]): Cifar {
  return {
    labels: concat(parts.map(({ labels }) => labels)),
    images: concat(parts.map(({ images }) => images)),
  };
}

function malformed(path: string, found: string): Error {
  return new Error(`Cannot read ${path}: ${found}, fetch or make the file anew`);
}
