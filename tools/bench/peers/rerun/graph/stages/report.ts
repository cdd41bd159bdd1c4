/** Where the graph ends. */
import { z } from "zod";
import { defineStage } from "../../../../../../pipeline/types.ts";
import probe from "./probe.ts";
import saliency from "./saliency.ts";
import umap from "./umap.ts";
import { passOn } from "./passed_on.ts";

/** What an edit changes. */
const WORD = "report";

export default defineStage({
  name: "report",
  module: import.meta.url,
  axes: [],
  inputs: { probe, saliency, umap },
  params: z.object({}),
  outputs: ["report.txt"],
  run: (context, _params, inputs) => passOn(context, { name: "report", word: WORD, inputs }),
});
