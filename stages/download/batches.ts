/**
 * The six canonical batches, from a folder that holds them or the pictures they can be made of.
 *
 * The pictures of the npm package have one image a row, its 1,024 pixels side by side in RGB; the labels stand
 * beside them in JSON. Written as records they equal the official batches bit for bit.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { formatRecords, parseRecords, PIXELS, TEST_FILE, TRAIN_FILES } from "../formats/cifar.ts";
import { decodePng } from "../formats/png.ts";
import { BATCHES } from "./official.ts";

const TRAIN_LABELS = "train_lables.json"; // the package's own spelling
const TEST_LABELS = "test_lables.json";
const PICTURES = BATCHES.map((batch) => batch.replace(/bin$/, "png"));

/** Names of all files that batches can be made of. */
export const WANTED: ReadonlySet<string> = new Set([...BATCHES, ...PICTURES, TRAIN_LABELS, TEST_LABELS]);

/** Folders inside the two archives. */
const INNER = [".", "cifar-10-batches-bin", "package"];

export interface Making {
  readonly into: string;
  /** Batch → MD5 it must have. */
  readonly md5: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Called when `done` of the six are made. */
  readonly onBatch: (done: number, batch: string) => void;
}

/** Writes the six batches, each checked against its MD5; returns the number of images by batch. */
export async function makeBatches(
  folder: string,
  { into, md5, signal, onBatch }: Making,
): Promise<Readonly<Record<string, number>>> {
  const read = await openFolder(folder);
  const images: Record<string, number> = {};
  for (const [i, batch] of BATCHES.entries()) {
    signal.throwIfAborted();
    const { bytes, from } = await read(batch);
    images[batch] = parseRecords(bytes, from).labels.length;
    checkDigest(bytes, { from, batch, expected: md5[batch] });
    await Deno.writeFile(`${into}/${batch}`, bytes);
    onBatch(i + 1, batch);
  }
  return images;
}

type ReadBatch = (batch: string) => Promise<{ readonly bytes: Uint8Array; readonly from: string }>;

async function openFolder(folder: string): Promise<ReadBatch> {
  for (const inner of INNER) {
    const dir = inner === "." ? folder : `${folder}/${inner}`;
    const names = await list(dir);
    if (BATCHES.every((name) => names.has(name))) return (batch) => readBinary(`${dir}/${batch}`);
    if ([...PICTURES, TRAIN_LABELS, TEST_LABELS].every((name) => names.has(name))) return pictures(dir);
  }
  const held = [...await list(folder)].sort().slice(0, 8).join(", ");
  throw new Error(
    `it holds ${held || "nothing"}, expected ${TRAIN_FILES[0]} to ${TRAIN_FILES[4]} and ${TEST_FILE}, ` +
      `or the same as .png with ${TRAIN_LABELS} and ${TEST_LABELS}`,
  );
}

async function list(dir: string): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  try {
    for await (const { name } of Deno.readDir(dir)) names.add(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory)) throw error;
  }
  return names;
}

async function readBinary(path: string): Promise<{ bytes: Uint8Array; from: string }> {
  return { bytes: await Deno.readFile(path), from: path };
}

/** Labels of a batch start where those of the batches before it end. */
async function pictures(dir: string): Promise<ReadBatch> {
  const train = await readLabels(`${dir}/${TRAIN_LABELS}`);
  const test = await readLabels(`${dir}/${TEST_LABELS}`);
  let used = 0;
  return async (batch) => {
    const from = `${dir}/${batch.replace(/bin$/, "png")}`;
    const { width, height, data: images } = decodePng(await Deno.readFile(from), { channels: 3 });
    if (width !== PIXELS) {
      throw new Error(`${from} is ${width} × ${height} pixels, expected ${PIXELS} in width`);
    }
    const labels = batch === TEST_FILE ? test : train.subarray(used, used += height);
    if (labels.length !== height) {
      throw new Error(`${from} has ${height} images, there are ${labels.length} labels for them`);
    }
    return { bytes: formatRecords({ labels: new Uint8Array(labels), images }), from };
  };
}

async function readLabels(path: string): Promise<Uint8Array> {
  const labels: unknown = JSON.parse(await Deno.readTextFile(path));
  if (Array.isArray(labels) && labels.every((l) => Number.isInteger(l) && l >= 0 && l <= 9)) {
    return Uint8Array.from(labels);
  }
  throw new Error(`${path} is no list of labels 0 to 9`);
}

function checkDigest(
  bytes: Uint8Array,
  { from, batch, expected }: { readonly from: string; readonly batch: string; readonly expected: string },
): void {
  const found = createHash("md5").update(bytes).digest("hex");
  if (found !== expected) throw new Error(`${from} gives MD5 ${found} for ${batch}, expected ${expected}`);
}
