/** One step of the graph. */
import { z } from "zod";
import { defineStage } from "../../../../../../pipeline/types.ts";
import emaTeacher from "./ema_teacher.ts";
import { passOn } from "./passed_on.ts";

export default defineStage({
  name: "umap",
  module: import.meta.url,
  axes: [],
  inputs: { emaTeacher },
  params: z.object({}),
  outputs: ["umap.txt"],
  run: (context, _params, inputs) => passOn(context, { name: "umap", word: "umap", inputs }),
});
