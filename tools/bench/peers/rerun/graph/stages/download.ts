/** Where the graph starts. */
import { z } from "zod";
import { defineStage } from "../../../../../../pipeline/types.ts";
import { passOn } from "./passed_on.ts";

export default defineStage({
  name: "download",
  module: import.meta.url,
  axes: [],
  inputs: {},
  params: z.object({}),
  outputs: ["download.txt"],
  run: (context, _params, inputs) => passOn(context, { name: "download", word: "download", inputs }),
});
