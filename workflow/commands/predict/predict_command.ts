/**
 * `deno task predict IMAGE.png`: the teacher and the probe of one model and seed look at a user's picture.
 *
 * @module
 */
import { join } from "node:path";
import {
  type Artifact,
  begins,
  type Command,
  freshArtifacts,
  loadProfile,
  openOutput,
  said,
  suggestion,
  UsageError,
} from "../../../pipeline/mod.ts";
import { CLASSES, readCifar, select, TRAIN_FILES } from "../../../formats/cifar.ts";
import { loadModel } from "../../../treenet/models.ts";
import { buildEncoder } from "../../../treenet/network.ts";
import { type Backend, loadOps } from "../../../treenet/ops/mod.ts";
import { BACKENDS, openBackend } from "../../backends/mod.ts";
import { readImage } from "./image.ts";
import { isMarked, marked, MARKED_BYTES } from "./mark.ts";
import { COLUMNS, drawPrediction, ranked } from "./picture.ts";
import { type Prediction, predictWith } from "./predict.ts";

export const predict: Command = {
  summary: "Classify a picture of your own: probabilities, saliency of the leaves, nearest training images",
  names: { usage: "IMAGE.png", least: 1, most: 1, paths: true },
  flags: {
    profile: {
      type: "text",
      value: "P",
      help: "profile whose networks to ask, P or profiles/P.json (default quick)",
    },
    model: { type: "text", value: "M", help: "model of the profile (default its first)" },
    seed: { type: "text", value: "S", help: "seed of the profile (default its first)" },
    out: { type: "path", value: "FILE", help: "picture to write (default prediction.png)" },
    backend: {
      type: "text",
      value: "B",
      choices: BACKENDS,
      help: `numeric backend (default ${BACKENDS[0]})`,
    },
    json: { type: "switch", help: "write probabilities and neighbours as JSON to stdout" },
  },
  run: async (pipeline, { names: [path], text, on, here }) => {
    const out = await openOutput(text.out ?? join(here, "prediction.png"), {
      root: pipeline.root,
      inputs: [path],
      kind: "picture of predict",
      isOurs: (path) => begins(path, MARKED_BYTES, isMarked),
    });
    const profile = text.profile ?? "quick";
    const { data: fields, stages } = await loadProfile(pipeline, { name: profile, overrides: [] });
    const axes = pipeline.axes(fields);
    const model = chosen("model", axes.model.map(String), text.model);
    const isLeftOut = pipeline.leavesOut?.(fields);
    const judged = stages.find(({ name }) => name === "probe");
    const seeds = axes.seed.filter((seed) => !(judged && isLeftOut?.(judged, { model, seed })));
    const seed = chosen("seed", seeds.map(String), text.seed);
    const point = `[${model},${seed}]`;
    const names = [`ema-teacher${point}`, `probe${point}`, "download"];
    const [teacher, probe, data] = await freshArtifacts(pipeline, { profile, names });
    const image = await readImage(path, { note: (message) => console.error(`note    ${message}`) });
    const { type = model, architecture } = teacher.key.params as {
      readonly type?: string;
      readonly architecture: unknown;
    };
    const encoder = buildEncoder(await loadModel(type), architecture);
    const { name, library, variables } = await openBackend(text.backend ?? BACKENDS[0]);
    for (const [variable, value] of Object.entries(variables?.(1) ?? {})) Deno.env.set(variable, value);
    const ops = await loadOps(name as Backend, { cores: 1, library });
    try {
      const judges = { teacher, probe, encoder, ops };
      const prediction = await predictWith(judges, image, { neighbours: COLUMNS });
      const nearest = await nearestImages(data, prediction);
      const title = `${teacher.task} looking at a picture`;
      await out.write(marked(await drawPrediction(prediction, { image, nearest, title })));
      const hasImages = nearest !== undefined;
      say(prediction, { out: said(here, out.path), json: on.json, hasImages });
    } finally {
      ops.close();
    }
    return 0;
  },
};

/** The value of an axis that was asked for, or else the profile's first. */
function chosen(axis: "model" | "seed", values: readonly string[], wanted = values[0]): string {
  if (values.includes(wanted)) return wanted;
  throw new UsageError(
    `Cannot predict with ${axis} "${wanted}": the profile has no such ${axis}${suggestion(wanted, values)}`,
  );
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

function say(
  prediction: Prediction,
  { out, json, hasImages }: { readonly out: string; readonly json: boolean; readonly hasImages: boolean },
): void {
  const { probabilities, neighbours } = prediction;
  if (json) {
    const named = Object.fromEntries(probabilities.map((p, label) => [CLASSES[label], p]));
    return console.log(JSON.stringify({ probabilities: named, neighbours, out }, null, 2));
  }
  console.log(ranked(prediction).map(({ text }) => text).join(", "));
  for (const { index, label, similarity } of neighbours) {
    console.log(`near    training image ${index}, ${CLASSES[label]}, cosine ${similarity.toFixed(3)}`);
  }
  console.log(`Wrote ${out}${hasImages ? "" : ", without the nearest images: the data set is not here"}`);
}
