/** One step of the graph. */
import { z } from "zod";
import { defineStage } from "../../../../../../pipeline/types.ts";
import train from "./train.ts";
import { passOn } from "./passed_on.ts";

export default defineStage({
  name: "ema-teacher",
  module: import.meta.url,
  axes: [],
  inputs: { train },
  params: z.object({}),
  outputs: ["ema-teacher.txt"],
  run: (context, _params, inputs) => passOn(context, { name: "ema-teacher", word: "ema-teacher", inputs }),
});
