/**
 * `predict`: the command behind `deno task predict IMAGE.png`.
 *
 * @module
 */
import type { Artifact } from "../../../pipeline/stage.ts";
import type { Backend } from "../../../pipeline/backend.ts";
import { CLASSES, readCifar, select, TRAIN_FILES } from "../../../formats/cifar.ts";
import { buildEncoder } from "../../../treenet/network.ts";
import { type Backend as BackendName, loadOps } from "../../../treenet/ops/mod.ts";
import type { Model } from "../../../treenet/nn/types.ts";
import { readImage } from "./image.ts";
import { marked } from "./mark.ts";
import { COLUMNS, drawPrediction, ranked } from "./picture.ts";
import { predict, type Prediction } from "./predict.ts";

export interface PredictJob {
  /** Path of a PNG. */
  readonly image: string;
  /** The picture to write: its path for messages, and the function that writes it. */
  readonly out: { readonly name: string; readonly write: (png: Uint8Array) => Promise<void> };
  readonly teacher: Artifact;
  readonly probe: Artifact;
  readonly data: Artifact;
  readonly model: Model;
  readonly backend: Backend;
  readonly json: boolean;
}

/** Prints the classes' probabilities and writes the picture. */
export async function run(job: PredictJob): Promise<void> {
  const { architecture } = job.teacher.key.params as { readonly architecture: unknown };
  const image = await readImage(job.image, { note: (message) => console.error(`note    ${message}`) });
  const encoder = buildEncoder(job.model, architecture);
  const { name, library, variables } = job.backend;
  for (const [variable, value] of Object.entries(variables?.(1) ?? {})) Deno.env.set(variable, value);
  const ops = await loadOps(name as BackendName, { cores: 1, library });
  try {
    const prediction = await predict(image, { ...job, encoder, ops }, { neighbours: COLUMNS });
    const nearest = await nearestImages(job.data, prediction);
    const title = `${job.teacher.task} looking at a picture`;
    await job.out.write(marked(await drawPrediction(prediction, { image, nearest, title })));
    say(job, prediction, nearest !== undefined);
  } finally {
    ops.close();
  }
}

/** Pixels of the neighbours, if the data set is here. */
async function nearestImages(
  { dir, elsewhere = [] }: Artifact,
  { neighbours }: Prediction,
): Promise<Uint8Array | undefined> {
  if (TRAIN_FILES.some((file) => elsewhere.includes(file))) return undefined;
  const { train } = await readCifar(dir);
  return select(train, Int32Array.from(neighbours, ({ index }) => index)).images;
}

function say({ out, json }: PredictJob, prediction: Prediction, hasImages: boolean): void {
  const { probabilities, neighbours } = prediction;
  if (json) {
    const named = Object.fromEntries(probabilities.map((p, label) => [CLASSES[label], p]));
    return console.log(JSON.stringify({ probabilities: named, neighbours, out: out.name }, null, 2));
  }
  console.log(ranked(prediction).map(({ text }) => text).join(", "));
  for (const { index, label, similarity } of neighbours) {
    console.log(`near    training image ${index}, ${CLASSES[label]}, cosine ${similarity.toFixed(3)}`);
  }
  console.log(
    `Wrote ${out.name}${hasImages ? "" : ", without the nearest images: the data set is not here"}`,
  );
}
