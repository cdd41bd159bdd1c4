/**
 * A small data set in CIFAR-10's own format, the same bytes for the same seed. Each class has a hue and a stripe
 * pattern of its own under noise, so that a classifier can tell them apart, yet not perfectly.
 *
 * @module
 */
import {
  type Cifar,
  CLASSES,
  formatRecords,
  IMAGE_BYTES,
  SIDE,
  TEST_FILE,
  TRAIN_FILES,
} from "../../stages/formats/cifar.ts";
import { type Random, random } from "../../stages/treenet/random.ts";

/** `n` images, labels 0, 1, …, 9, 0, … */
export function tinyCifar(n: number, seed: number): Cifar {
  const labels = Uint8Array.from({ length: n }, (_, i) => i % CLASSES.length);
  const images = new Uint8Array(n * IMAGE_BYTES);
  labels.forEach((label, i) => {
    paint(images.subarray(i * IMAGE_BYTES, (i + 1) * IMAGE_BYTES), { label, stream: random(seed, i) });
  });
  return { labels, images };
}

/** Writes the six batches into a folder and returns their MD5s by name. */
export async function writeTinyCifar(
  dir: string,
  { perBatch, seed = 0 }: { readonly perBatch: number; readonly seed?: number },
): Promise<Readonly<Record<string, string>>> {
  const { createHash } = await import("node:crypto");
  const md5: Record<string, string> = {};
  for (const [i, name] of [...TRAIN_FILES, TEST_FILE].entries()) {
    const bytes = formatRecords(tinyCifar(perBatch, seed * 100 + i));
    await Deno.writeFile(`${dir}/${name}`, bytes);
    md5[name] = createHash("md5").update(bytes).digest("hex");
  }
  return md5;
}

function paint(
  image: Uint8Array,
  { label, stream }: { readonly label: number; readonly stream: Random },
): void {
  const angle = (Math.PI * label) / CLASSES.length;
  const phase = 2 * Math.PI * stream.uniform();
  for (let i = 0, y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const stripe = Math.sin(0.6 * (x * Math.cos(angle) + y * Math.sin(angle)) + phase);
      for (let channel = 0; channel < 3; channel++) {
        const hue = Math.cos(2 * Math.PI * (label / CLASSES.length + channel / 3));
        image[i++] = 128 + 40 * hue + 40 * stripe + 40 * (stream.uniform() - 0.5);
      }
    }
  }
}
