/**
 * The encoders of a curve: a training run's, from its first to its last.
 *
 * @module
 */
import { join } from "node:path";
import { readSafetensors } from "../../formats/safetensors.ts";
import { ENCODER, initialEncoder } from "../../treenet/network.ts";
import { type Weights, within } from "../../treenet/nn/parameters.ts";
import type { Encoder } from "../../treenet/nn/types.ts";
import { fromPublic } from "../../treenet/nn/weights.ts";

/** Weights at one moment. */
export interface Moment {
  /** Source images seen. */
  readonly images: number;
  /** The weights were never trained, so their running statistics come from no data. */
  readonly initial: boolean;
  readonly load: () => Promise<Weights>;
}

const SNAPSHOTS = "snapshots";
const EXTENSION = ".safetensors";

/** Initial weights, snapshots and teacher of the run in `folder`, in the order of training; each is loaded by itself. */
export async function momentsOf(
  folder: string,
  { encoder, seed, images }: {
    readonly encoder: Encoder;
    readonly seed: number;
    /** Seen at the end. */
    readonly images: number;
  },
): Promise<readonly Moment[]> {
  const snapshot = (images: number): Moment => ({
    images,
    initial: false,
    load: async () =>
      fromPublic(encoder.specs, await tensorsOf(join(folder, SNAPSHOTS, `${images}${EXTENSION}`))),
  });
  const teacher = async () => within(await tensorsOf(join(folder, "teacher.safetensors")), ENCODER);
  return [
    { images: 0, initial: true, load: () => Promise.resolve(initialEncoder(encoder, seed)) },
    ...(await snapshotsIn(join(folder, SNAPSHOTS))).map(snapshot),
    { images, initial: false, load: async () => fromPublic(encoder.specs, await teacher()) },
  ];
}

async function tensorsOf(path: string) {
  return (await readSafetensors(path)).tensors;
}

/** Images seen by each, ascending; a run that keeps none has no such folder. */
async function snapshotsIn(folder: string): Promise<readonly number[]> {
  try {
    const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
    // Files that a desktop or an editor left there have other names.
    return names.filter((name) => /^\d+\.safetensors$/.test(name))
      .map((name) => Number(name.slice(0, -EXTENSION.length))).sort((a, b) => a - b);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
