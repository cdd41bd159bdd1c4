/**
 * A teacher artifact and a data set in CIFAR's format, small and generated, for the stages that come after training.
 */
import { join } from "node:path";
import type { Artifact, Context } from "../../pipeline/stage.ts";
import { formatRecords, select, TEST_FILE, TRAIN_FILES } from "../../formats/cifar.ts";
import { writeNpy } from "../../formats/npy.ts";
import { writeSafetensors } from "../../formats/safetensors.ts";
import { encode } from "../../treenet/nn/features.ts";
import { loadOps } from "../../treenet/ops/mod.ts";
import { initialise } from "../../treenet/nn/parameters.ts";
import { random } from "../../treenet/random.ts";
import type { Encoder } from "../../treenet/nn/types.ts";
import { toPublic } from "../../treenet/nn/weights.ts";

export interface SmallTeacher extends AsyncDisposable {
  readonly teacher: Artifact<never>;
  readonly data: Artifact<never>;
  /** A fresh context with an empty folder of its own. */
  context(model: unknown): Promise<Context>;
}

/** Images whose colour and bright quarter depend on their class, with noise. */
function generatedImages(
  n: number,
  seed: number,
): { images: Uint8Array<ArrayBuffer>; labels: Uint8Array<ArrayBuffer> } {
  const stream = random(seed);
  const labels = Uint8Array.from({ length: n }, (_, i) => i % 10);
  const images = Uint8Array.from({ length: n * 3072 }, (_, at) => {
    const label = labels[Math.floor(at / 3072)];
    const [channel, column] = [at % 3, Math.floor(at / 3) % 32];
    const signal = (label % 3 === channel ? 90 : 40) + (column >> 3 === label % 4 ? 60 : 0);
    return signal + stream.integer(80);
  });
  return { images, labels };
}

/** "Trained" weights are those of another seed: what matters here is what the stages do with them. */
export async function smallTeacher(encoder: Encoder): Promise<SmallTeacher> {
  const dir = await Deno.makeTempDir();
  const ops = await loadOps("cpu", { cores: 1 });
  const images = { train: generatedImages(100, 1), test: generatedImages(60, 2) };
  await Deno.writeFile(join(dir, TEST_FILE), formatRecords(images.test));
  for (const [i, name] of TRAIN_FILES.entries()) {
    const rows = Int32Array.from({ length: 20 }, (_, row) => 20 * i + row);
    await Deno.writeFile(join(dir, name), formatRecords(select(images.train, rows)));
  }
  for (const [prefix, seed] of [["", 1], ["random_", 0]] as const) {
    const weights = initialise(encoder.specs, seed);
    await writeSafetensors(
      join(dir, prefix === "" ? "teacher.safetensors" : "random.safetensors"),
      toPublic(encoder.specs, weights),
    );
    for (const [part, set] of Object.entries(images)) {
      const n = set.labels.length;
      const found = await encode(encoder, weights, { images: set.images, ops, batch: 50, size: 32 });
      const write = (name: string, shape: readonly number[], data: Float32Array) =>
        writeNpy(join(dir, `${prefix}${name}_${part}.npy`), { shape, data });
      await write("features", [n, encoder.size], found.embeddings);
      if (found.leaves !== undefined) {
        await write("leaves", [n, encoder.leaves, found.leafSize!], found.leaves);
      }
      await writeNpy(join(dir, `labels_${part}.npy`), { shape: [n], data: set.labels });
      await writeNpy(join(dir, `index_${part}.npy`), {
        shape: [n],
        data: Int32Array.from(set.labels.keys()),
      });
    }
  }
  ops.close();
  const artifact = { dir, files: await digestsIn(dir) } as unknown as Artifact<never>;
  return {
    teacher: artifact,
    data: artifact,
    async context(model) {
      const out = await Deno.makeTempDir({ dir });
      return {
        out,
        scratch: out,
        signal: new AbortController().signal,
        cores: 1,
        backend: "cpu",
        hints: {},
        modules: { model: { default: model } },
        progress: () => {},
        record: () => {},
      };
    },
    [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }),
  };
}

/** Names are what counts here. */
async function digestsIn(dir: string): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for await (const { name } of Deno.readDir(dir)) found[name] = "";
  return found;
}

/** Digest-like: every file of a folder, by name. */
export async function filesOf(dir: string): Promise<Readonly<Record<string, Uint8Array>>> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(dir)) names.push(name);
  return Object.fromEntries(
    await Promise.all(names.sort().map(async (name) => [name, await Deno.readFile(join(dir, name))])),
  );
}
