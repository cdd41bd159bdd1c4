/** The composition root of the benchmark's eight trivial stages. */
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { main, type Pipeline } from "../../../../../../pipeline/mod.ts";

const files = {
  "download": "download",
  "augment-cache": "augment_cache",
  "train": "train",
  "ema-teacher": "ema_teacher",
  "probe": "probe",
  "saliency": "saliency",
  "umap": "umap",
  "report": "report",
};

const pipeline: Pipeline = {
  root: fileURLToPath(new URL("../../../../../../", import.meta.url)),
  module: "tools/bench/peers/rerun/graph/stages/mod.ts",
  header: z.object({ summary: z.string() }),
  stages: () => Object.keys(files),
  load: async (name) => (await import(`./${files[name as keyof typeof files]}.ts`)).default,
  axes: () => ({}),
  extras: () => ({}),
  check: () => Promise.resolve(),
  schema: () => Promise.resolve({}),
  backends: ["one"],
  backend: (name) => Promise.resolve({ name, environment: { backend: `${name} 1.0` } }),
  commands: {},
};

if (import.meta.main) Deno.exit(await main(pipeline, Deno.args));
