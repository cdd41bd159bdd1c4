/** One step of the graph. */
import { z } from "zod";
import { defineStage } from "../../../../../../pipeline/types.ts";
import download from "./download.ts";
import { passOn } from "./passed_on.ts";

export default defineStage({
  name: "augment-cache",
  module: import.meta.url,
  axes: [],
  inputs: { download },
  params: z.object({}),
  outputs: ["augment-cache.txt"],
  run: (context, _params, inputs) =>
    passOn(context, { name: "augment-cache", word: "augment-cache", inputs }),
});
