/**
 * Trains a student and its EMA teacher without labels. See "Loss and optimisation" of docs/recipe.md; the loop itself
 * is in `treenet/train.ts`, what goes in and out of it in `train/`.
 *
 * @module
 */
import { defineStage } from "../pipeline/types.ts";
import augmentCache from "./augment_cache.ts";
import download from "./download.ts";
import { estimateTraining } from "./train/estimate.ts";
import { trainParams } from "./train/params.ts";

/** What the later stages may quote of a run. */
export interface TrainMeta {
  readonly model: string;
  /** Source images seen, repeats included. */
  readonly images: number;
  readonly steps: number;
  readonly epochs: number;
  readonly encoderParameters: number;
  readonly parametersWithHead: number;
  /** Of the encoder, per 32 × 32 image. */
  readonly multiplyAdds: number;
  /** Features of the embedding. */
  readonly embedding: number;
  /** m */
  readonly leaves: number;
  /** Channel depths as Table 1 prints them. */
  readonly channels: string;
  /** Nats, of the first and last step; ln K is what knowing nothing costs. */
  readonly loss: { readonly first: number; readonly last: number };
}

export default defineStage({
  name: "train",
  module: import.meta.url,
  axes: ["model", "seed"],
  inputs: { data: download, views: augmentCache },
  params: trainParams,
  outputs: ["log.csv", "student.safetensors", "teacher.safetensors", "optimizer.safetensors"],
  needs: { cores: "all", scratch: true },
  numeric: true,
  modules: ({ model }) => ({
    model: new URL(`./treenet/models/${model.replaceAll("-", "_")}.ts`, import.meta.url).href,
  }),
  estimate: estimateTraining,
  async run(context, params, { data, views }): Promise<TrainMeta> {
    const { runTraining } = await import("./train/run.ts");
    return await runTraining(context, params, {
      data: data.dir,
      views: views.dir,
      rounds: views.meta.rounds,
    });
  },
});
