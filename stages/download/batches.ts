/**
 * The six canonical batches, from a folder that holds them or the pictures they can be made of.
 *
 * The pictures of the npm package have one image a row, its 1,024 pixels side by side in RGB; the labels stand
 * beside them in JSON. Written as records they equal the official batches bit for bit.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { formatRecords, parseRecords, PIXELS, TEST_FILE, TRAIN_FILES } from "../../formats/cifar.ts";
import { otherThanFile } from "../../formats/file_kinds.ts";
import { decodePng } from "../../formats/png.ts";
import { BATCHES } from "./official.ts";

const TRAIN_LABELS = "train_lables.json"; // the package's own spelling
const TEST_LABELS = "test_lables.json";
const PICTURES = BATCHES.map((batch) => batch.replace(/bin$/, "png"));

/** Names of all files that batches can be made of. */
export const WANTED: ReadonlySet<string> = new Set([...BATCHES, ...PICTURES, TRAIN_LABELS, TEST_LABELS]);

export interface Making {
  /** Names of all files of the source, for the message that says what is wrong. @default the names in the folder */
  readonly names?: readonly string[];
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
  { into, md5, signal, onBatch, names }: Making,
): Promise<Readonly<Record<string, number>>> {
  const read = await openFolder(folder, names);
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

/** `from` is the file that a batch was made of, in the folder. */
type ReadBatch = (batch: string) => Promise<{ readonly bytes: Uint8Array; readonly from: string }>;

/** The folder itself may be meant, or one in it: the one that an archive unpacks to. */
async function openFolder(folder: string, held?: readonly string[]): Promise<ReadBatch> {
  const own = (await Array.fromAsync(Deno.readDir(folder))).sort((a, b) => a.name < b.name ? -1 : 1);
  const inner = own.filter(({ isFile }) => !isFile).map(({ name }) => `${name}/`);
  for (const way of ["", ...inner]) {
    const names = await list(`${folder}/${way}`);
    if (BATCHES.every((name) => names.has(name))) return (batch) => readBinary(folder, `${way}${batch}`);
    if ([...PICTURES, TRAIN_LABELS, TEST_LABELS].every((name) => names.has(name))) {
      return pictures(folder, way);
    }
  }
  throw new Error(inWords(held ?? own.map(({ name }) => name)));
}

const BINARY = "cifar-10-binary.tar.gz";

/** Files by which other versions of the data set are known. */
const OTHERS: readonly { readonly files: readonly string[]; readonly name: string }[] = [
  { files: ["data_batch_1", "test_batch"], name: "the Python version of CIFAR-10" },
  { files: ["data_batch_1.mat"], name: "the MATLAB version of CIFAR-10" },
  { files: ["train.bin", "test.bin"], name: "CIFAR-100" },
  { files: ["train", "test", "meta"], name: "the Python version of CIFAR-100" },
  { files: ["train.mat", "test.mat"], name: "the MATLAB version of CIFAR-100" },
  { files: ["cifar-10-batches-py"], name: "the Python version of CIFAR-10" },
  { files: ["cifar-10-batches-mat"], name: "the MATLAB version of CIFAR-10" },
];

/** Says which other data set or files a folder holds. */
function inWords(names: readonly string[]): string {
  const other = OTHERS.find(({ files }) => files.every((file) => names.includes(file)));
  if (other) return `it holds ${other.name}, expected the binary version of CIFAR-10 (${BINARY})`;
  const archive = names.find((name) => /\.(tgz|tar|tar\.gz)$/.test(name));
  if (archive) return `it holds ${archive}, expected what is in it: pass that file`;
  const absent = BATCHES.filter((batch) => !names.includes(batch));
  if (absent.length < BATCHES.length) return `it lacks ${absent.join(", ")}, expected all six batches`;
  const held = names.slice(0, 8).join(", ") + (names.length > 8 ? `, and ${names.length - 8} more` : "");
  return `it holds ${held || "nothing"}, expected ${TRAIN_FILES[0]} to ${TRAIN_FILES[4]} and ${TEST_FILE}, ` +
    `or the same as .png with ${TRAIN_LABELS} and ${TEST_LABELS}`;
}

/** Names in what may be a folder; one that is closed to us is not the one meant. */
async function list(dir: string): Promise<ReadonlySet<string>> {
  const entries = await Array.fromAsync(Deno.readDir(dir)).catch(() => []);
  return new Set(entries.map(({ name }) => name));
}

async function readBinary(folder: string, from: string): Promise<{ bytes: Uint8Array; from: string }> {
  const other = otherThanFile(await Deno.stat(`${folder}/${from}`));
  if (other !== undefined) throw new Error(`its ${from} is ${other}, expected a file`);
  return { bytes: await Deno.readFile(`${folder}/${from}`), from };
}

/** Labels of a batch start where those of the batches before it end. */
async function pictures(folder: string, way: string): Promise<ReadBatch> {
  const train = await readLabels(folder, `${way}${TRAIN_LABELS}`);
  const test = await readLabels(folder, `${way}${TEST_LABELS}`);
  let used = 0;
  return async (batch) => {
    const from = `${way}${batch.replace(/bin$/, "png")}`;
    const { width, height, data: images } = decodePng(await Deno.readFile(`${folder}/${from}`), {
      channels: 3,
    });
    if (width !== PIXELS) {
      throw new Error(`its ${from} is ${width} × ${height} pixels, expected ${PIXELS} in width`);
    }
    const labels = batch === TEST_FILE ? test : train.subarray(used, used += height);
    if (labels.length !== height) {
      throw new Error(`its ${from} has ${height} images, there are ${labels.length} labels for them`);
    }
    return { bytes: formatRecords({ labels: new Uint8Array(labels), images }), from };
  };
}

async function readLabels(folder: string, name: string): Promise<Uint8Array> {
  const labels: unknown = readJson(await Deno.readTextFile(`${folder}/${name}`));
  if (Array.isArray(labels) && labels.every((l) => Number.isInteger(l) && l >= 0 && l <= 9)) {
    return Uint8Array.from(labels);
  }
  throw new Error(`its ${name} is no list of labels 0 to 9`);
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function checkDigest(
  bytes: Uint8Array,
  { from, batch, expected }: { readonly from: string; readonly batch: string; readonly expected: string },
): void {
  const found = createHash("md5").update(bytes).digest("hex");
  if (found === expected) return;
  throw new Error(
    `its ${from} gives MD5 ${found} for ${batch}, expected ${expected}; if another data set is meant, ` +
      "the profile has to state its sums in download.md5",
  );
}
