/** One step of the graph. */
import { z } from "zod";
import { defineStage } from "../../../../../../pipeline/types.ts";
import augmentCache from "./augment_cache.ts";
import { passOn } from "./passed_on.ts";

export default defineStage({
  name: "train",
  module: import.meta.url,
  axes: [],
  inputs: { augmentCache },
  params: z.object({}),
  outputs: ["train.txt"],
  run: (context, _params, inputs) => passOn(context, { name: "train", word: "train", inputs }),
});
