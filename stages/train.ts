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
import type { Health } from "./treenet/health.ts";

/** What the later stages may quote of a run. */
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
  /** Of the encoder, per 32 × 32 image. */
  readonly multiplyAdds: number;
  /** Features of the embedding. */
  readonly embedding: number;
  /** m */
  readonly leaves: number;
  /** Channel depths as Table 1 prints them. */
  readonly channels: string;
  /** Of the first and last step; for DINO in nats, of which ln K is what knowing nothing costs. */
  readonly loss: { readonly first: number; readonly last: number };
  /** What the run is called at its end, see `treenet/health.ts`. */
  readonly health: Health;
  /** First step of the collapse that it ended in. */
  readonly collapsedSince: number | null;
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
  hints: {
    "checkpoint-steps": "steps of a training from one checkpoint to the next (default 100, and every epoch)",
  },
  modules: ({ model, method }) => ({
    model: new URL(`./treenet/models/${model.replaceAll("-", "_")}.ts`, import.meta.url).href,
    method: new URL(`./treenet/methods/${method}.ts`, import.meta.url).href,
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
