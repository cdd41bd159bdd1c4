/**
 * The saliency stage reads test images, the frozen networks and their outputs.
 *
 * @module
 */
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import type { Artifact, Context } from "../../pipeline/stage.ts";
import {
  type Cifar,
  readBatch,
  readCifar,
  select,
  SIDE,
  stratified,
  TEST_FILE,
} from "../../formats/cifar.ts";
import { readNpy } from "../../formats/npy.ts";
import { readSafetensors } from "../../formats/safetensors.ts";
import type { Objective } from "../../treenet/method.ts";
import { HEAD } from "../../treenet/network.ts";
import { initialise, upload, type Weights, within } from "../../treenet/nn/parameters.ts";
import { random } from "../../treenet/random.ts";
import type { LeafOutputs } from "../../treenet/saliency/leaves/decoding.ts";
import type { Network } from "../../treenet/saliency/maps.ts";
import type { Pooled } from "../../treenet/saliency/leaves/selectivity.ts";
import type { Encoder, Ops, ParameterSpec } from "../../treenet/nn/types.ts";
import { viewTensor } from "../../treenet/nn/views.ts";
import { fromPublic } from "../../treenet/nn/weights.ts";
import type { SaliencyParams } from "./params.ts";

/** The work of the stage, of which all its parts do some. */
export interface Job {
  readonly context: Context;
  readonly params: SaliencyParams;
  readonly trained: Artifact<unknown>;
  readonly teacher: Artifact<unknown>;
  readonly data: Artifact<unknown>;
  readonly encoder: Encoder;
  /** Heads of the training, on the embedding. */
  readonly head: Objective;
  readonly ops: Ops;
}

export interface TestImages {
  /** [n, 32, 32, 3], sRGB bytes. */
  readonly pixels: Uint8Array;
  /** [n], ascending. */
  readonly labels: Uint8Array;
  /** Indices [n] into the 10,000 test images. */
  readonly index: Int32Array;
}

/** Number of this random stream, so that no other draw repeats it. */
const STREAM = 0x1_3a_6e;

/** Reads the test images whose features the teacher stage keeps, in its order. */
export async function readTestImages({ teacher, data }: Job): Promise<TestImages> {
  const test = await readBatch(join(data.dir, TEST_FILE));
  const index = (await readNpy(join(teacher.dir, "index_test.npy"), "int32")).data;
  const { images, labels } = select(test, index);
  return { pixels: images, labels, index };
}

/** A stratified sample of the images at `rows`, class by class. */
export function sampleImages(
  all: TestImages,
  { rows, count, seed }: { readonly rows: Int32Array; readonly count: number; readonly seed: number },
): TestImages {
  const among = Uint8Array.from(rows, (row) => all.labels[row]);
  const chosen = stratified(among, count, random(seed, STREAM)).map((place) => rows[place])
    .sort((a, b) => all.labels[a] - all.labels[b] || all.index[a] - all.index[b]);
  const { images, labels } = select({ images: all.pixels, labels: all.labels }, chosen);
  return { pixels: images, labels, index: chosen.map((row) => all.index[row]) };
}

/** Weights in one file, in the encoder's form. */
export async function loadWeights(
  teacher: Artifact<unknown>,
  { file, encoder }: { readonly file: string; readonly encoder: Encoder },
): Promise<Weights> {
  const { tensors } = await readSafetensors(join(teacher.dir, file));
  return fromPublic(encoder.specs, tensors);
}

/** Parameters of the head, called `head.…`. */
function headSpecs(head: Objective): readonly ParameterSpec[] {
  return head.specs.map((spec) => ({ ...spec, name: HEAD + spec.name }));
}

/** Parameters of encoder and head, from the image to the output. */
export function specsWithHead({ encoder, head }: Pick<Job, "encoder" | "head">): readonly ParameterSpec[] {
  return [...encoder.specs, ...headSpecs(head)];
}

/** Weights of encoder and head after training; the file also has the encoder, and heads of leaves that have their own. */
export async function trainedWeights({ trained, teacher, encoder, head }: Job): Promise<Weights> {
  const { tensors } = await readSafetensors(join(trained.dir, "teacher.safetensors"));
  const specs = headSpecs(head);
  const own = Object.entries(tensors).filter(([name]) => specs.some((spec) => spec.name === name));
  return {
    ...await loadWeights(teacher, { file: "teacher.safetensors", encoder }),
    ...fromPublic(specs, Object.fromEntries(own)),
  };
}

/** Weights of encoder and head before training. */
export async function untrainedWeights({ teacher, encoder, head, params }: Job): Promise<Weights> {
  return {
    ...await loadWeights(teacher, { file: "random.safetensors", encoder }),
    ...initialise(headSpecs(head), params.seed),
  };
}

/** A network with weights of its own, whose maps are of the head's outputs if it has one; disposing frees them. */
export function networkOf(
  weights: Weights,
  { encoder, head, ops }: Pick<Job, "encoder" | "ops"> & { readonly head?: Objective },
): Network & Disposable {
  const params = upload(head === undefined ? encoder.specs : specsWithHead({ encoder, head }), weights);
  const outputs = (embeddings: tf.Tensor2D) =>
    Object.values(head!.layers({ params: within(params, HEAD), embeddings }, ops)).at(-1)!;
  return {
    encoder,
    ops,
    params,
    ...head !== undefined && { outputs },
    [Symbol.dispose]: () => tf.dispose({ ...params }),
  };
}

/** Training images that the single-leaf probes are fitted on, equally many of each class. */
export async function readProbeImages({ data, params }: Job): Promise<Cifar> {
  const { train } = await readCifar(data.dir);
  return select(train, stratified(train.labels, params.probeImages, random(params.sampleSeed, STREAM)));
}

/** Outputs of each leaf on the test images; `prefix` chooses the network. */
export async function readLeafOutputs(
  teacher: Artifact<unknown>,
  prefix: "" | "random_",
): Promise<LeafOutputs> {
  const { shape, data } = await readNpy(join(teacher.dir, `${prefix}leaves_test.npy`), "float32");
  return { x: data, leaves: shape[1], size: shape[2] };
}

/** Embeddings of the training images, with their labels. */
export async function readTrainEmbeddings(teacher: Artifact<unknown>) {
  const { shape, data } = await readNpy(join(teacher.dir, "features_train.npy"), "float32");
  const labels = (await readNpy(join(teacher.dir, "labels_train.npy"), "uint8")).data;
  return { embeddings: data, size: shape[1], labels };
}

/** Outputs of every leaf's last ReLU, averaged over places, of images [n, 32, 32, 3], sRGB bytes. */
export function pooledChannels(
  { encoder, params, ops }: Network,
  pixels: Uint8Array,
  batch: number,
): Pooled {
  const { spec, params: weightsOf } = encoder.pathways!;
  const count = pixels.length / (3 * SIDE * SIDE);
  const channels = spec.channels[spec.channels.length - 1];
  const x = new Float32Array(count * spec.leaves * channels);
  for (let from = 0; from < count; from += batch) {
    const to = Math.min(from + batch, count);
    const part = tf.tidy(() => {
      const images = viewTensor(pixels, { count: 1, size: SIDE, from, to });
      return ops.pathways(images, weightsOf(params), spec).dataSync<"float32">();
    });
    x.set(part, from * spec.leaves * channels);
  }
  return { x, leaves: spec.leaves, channels };
}
