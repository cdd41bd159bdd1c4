/**
 * What the saliency stage reads: test images, the frozen networks, and the outputs of their leaves.
 *
 * @module
 */
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import type { Artifact } from "../../pipeline/types.ts";
import { readBatch, select, stratified, TEST_FILE } from "../formats/cifar.ts";
import { readNpy } from "../formats/npy.ts";
import { readSafetensors } from "../formats/safetensors.ts";
import { upload } from "../treenet/parameters.ts";
import { random } from "../treenet/random.ts";
import type { LeafOutputs } from "../treenet/saliency/decoding.ts";
import type { Network } from "../treenet/saliency/maps.ts";
import type { Encoder, Ops } from "../treenet/types.ts";
import { fromPublic } from "../treenet/weights.ts";

export interface TestImages {
  /** [n, 32, 32, 3], sRGB bytes. */
  readonly pixels: Uint8Array;
  /** [n], ascending. */
  readonly labels: Uint8Array;
  /** [n], into the 10,000 test images. */
  readonly index: Int32Array;
}

/** Names this use of the seed, so that no other draw repeats it. */
const STREAM = 0x1_3a_6e;

/** A stratified sample of the images whose features the teacher stage keeps, class by class. */
export async function sampleImages(
  { teacher, data }: { readonly teacher: Artifact<unknown>; readonly data: Artifact<unknown> },
  options: { readonly count: number; readonly seed: number },
): Promise<TestImages> {
  const test = await readBatch(join(data.dir, TEST_FILE));
  const known = (await readNpy(join(teacher.dir, "index_test.npy"), "int32")).data;
  const among = Uint8Array.from(known, (index) => test.labels[index]);
  const chosen = stratified(among, options.count, random(options.seed, STREAM));
  const index = chosen.map((position) => known[position])
    .sort((a, b) => test.labels[a] - test.labels[b] || a - b);
  const { images, labels } = select(test, index);
  return { pixels: images, labels, index };
}

/** The encoder with the weights of one file; disposing frees them. */
export async function loadNetwork(
  teacher: Artifact<unknown>,
  { file, encoder, ops }: { readonly file: string; readonly encoder: Encoder; readonly ops: Ops },
): Promise<Network & Disposable> {
  const { tensors } = await readSafetensors(join(teacher.dir, file));
  const params = upload(encoder.specs, fromPublic(encoder.specs, tensors));
  return { encoder, ops, params, [Symbol.dispose]: () => tf.dispose({ ...params }) };
}

/** Each leaf's outputs on the test images; `prefix` chooses the network. */
export async function readLeafOutputs(
  teacher: Artifact<unknown>,
  prefix: "" | "random_",
): Promise<LeafOutputs> {
  const { shape, data } = await readNpy(join(teacher.dir, `${prefix}leaves_test.npy`), "float32");
  return { x: data, leaves: shape[1], size: shape[2] };
}

/** Labels of those images. */
export async function readTestLabels(teacher: Artifact<unknown>): Promise<Uint8Array> {
  return (await readNpy(join(teacher.dir, "labels_test.npy"), "uint8")).data;
}
