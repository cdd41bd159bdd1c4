/**
 * The fields of `train` in a profile, with the values of docs/recipe.md, Loss and optimisation, as defaults: those of every
 * method, and those of the method that the profile names; and what a run tells the later stages.
 *
 * @module
 */
import { z } from "zod";
import { augmentFields } from "../../treenet/augment/recipe.ts";
import type { Health } from "../../treenet/health.ts";
import type { Method } from "../../treenet/method.ts";
import { loadMethods } from "../../treenet/models.ts";

const positive = z.number().positive();
const share = z.number().min(0).max(1);
const count = z.int().min(1);

/** One training run with any method: the section of the profile with its axes and architecture. */
const fields = z.strictObject({
  model: z.string().describe("Its name in the profile"),
  type: z.string().optional().describe("A file of treenet/models/, with dashes; by default the model's name"),
  seed: z.int().min(0).max(2 ** 32 - 1).describe("Of initial weights, order of images and views"),
  architecture: z.record(z.string(), z.unknown()).default({}).describe("The model's own configuration"),
  method: z.string().describe("A file of treenet/methods/, with dashes"),
  views: z.strictObject(augmentFields).nullable().default(null)
    .describe("Views of this training, made while it trains, instead of those of augment-cache"),
  epochs: count.max(100_000).default(100).describe("Passes over the images; schedules end with the last"),
  images: count.nullable().default(null)
    .describe("Training images of an epoch, the first so many of the views' images; null for all"),
  batch: z.int().min(2).max(65_536).default(64).describe("Images a step; a last partial batch is dropped"),
  microBatch: count.max(65_536).default(16)
    .describe(
      "Images in memory at once; changes the result by rounding alone. ResNet50 always takes whole batches",
    ),
  learningRate: positive.max(10).default(5e-4).describe("Peak for a batch of 256; scaled to the batch"),
  finalLearningRate: z.number().min(0).max(10).default(1e-6).describe("At the end of the cosine, not scaled"),
  warmupEpochs: z.number().min(0).max(100_000).default(10).describe(
    "Linear rise of the learning rate from 0",
  ),
  warmupSteps: z.int().min(0).nullable().default(null).describe("Instead of warmupEpochs, for short runs"),
  weightDecay: z.number().min(0).max(10).default(0.04).describe(
    "At the start, of weights, not of 1-D parameters",
  ),
  finalWeightDecay: z.number().min(0).max(10).default(0.4).describe("At the end of the cosine"),
  momentum: share.default(0.996).describe("Of the teacher, at the start"),
  finalMomentum: share.default(1).describe("Of the teacher, at the end of the cosine"),
  clip: positive.default(3).describe(
    "Largest L2 norm of a parameter tensor's gradient, a leaf's part on its own",
  ),
  leafCosine: z.number().min(0).max(1000).default(0)
    .describe("Weight of the mean cosine similarity between the leaves' outputs in the loss; trees only"),
  snapshots: z.int().min(0).max(1000).default(0)
    .describe("Encoders kept on the way, evenly spaced between the first and the last"),
  maxSteps: count.nullable().default(null).describe(
    "Stops here, schedules as for the whole run; null for no stop",
  ),
});

export type TrainParams = z.infer<typeof fields>;

/** The recipe's method, where a profile names none. */
const STANDARD = "dino";

const found = Object.entries(await loadMethods());

/** All methods that can be loaded, by name. */
export const methods: Readonly<Record<string, Method>> = Object.fromEntries(
  found.flatMap(([name, method]) => method instanceof Error ? [] : [[name, method]]),
);

/** A field of other methods: a profile may change its method and nothing else. */
const unused = z.unknown().optional().describe("A field of another method; this one does not use it");
const anyFields = Object.fromEntries(
  Object.values(methods).flatMap(({ config }) => Object.keys(config.shape)).map((field) => [field, unused]),
);

/** Fields of every method, and of one. */
function fieldsOf(name: string, method: Method | Error): z.ZodObject {
  const literal = z.literal(name);
  const shape = { ...fields.shape, method: name === STANDARD ? literal.default(name) : literal };
  if (!(method instanceof Error)) return z.strictObject({ ...anyFields, ...method.config.shape, ...shape });
  return z.strictObject({ ...anyFields, ...shape }).superRefine((_, context) => {
    context.addIssue({ code: "custom", path: ["method"], message: `but ${method.message}` });
  });
}

/** Fields of every method, and of the one that `method` names. */
export const trainParams = z.discriminatedUnion(
  "method",
  found.map(([name, method]) => fieldsOf(name, method)) as [z.ZodObject],
) as unknown as z.ZodType<TrainParams>;

/** Facts of a run that later stages may quote. */
export interface TrainMeta {
  readonly model: string;
  readonly method: string;
  /** The model is one to compare with, not one of the paper's kind. */
  readonly control: boolean;
  /** Source images seen, repeats included. */
  readonly images: number;
  readonly steps: number;
  readonly epochs: number;
  readonly encoderParameters: number;
  readonly parametersWithHead: number;
  /** Cost of the encoder, per 32 × 32 image. */
  readonly multiplyAdds: number;
  /** Features of the embedding. */
  readonly embedding: number;
  /** m */
  readonly leaves: number;
  /** Channel depths as Table 1 prints them. */
  readonly channels: string;
  /** Losses of the first and last step; for DINO in nats, of which knowing nothing costs ln K. */
  readonly loss: { readonly first: number; readonly last: number };
  /** The run's name at its end, see `treenet/health.ts`. */
  readonly health: Health;
  /** First step of the collapse that it ended in. */
  readonly collapsedSince: number | null;
}
