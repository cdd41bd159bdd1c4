/**
 * The reproduction of the paper: Table 1 and Figures 1 to 5 as a Markdown report in which every number comes
 * from an artifact and names it.
 *
 * Times and hosts differ from run to run: they are placeholders `{{run <task> <field>}}`, which the engine
 * fills from run.json when it publishes the report, so the same artifacts always give the same bytes. No
 * artifact's key is read, because no digest of an input covers it: parameters come from the report's own.
 * The inputs here serve Table 1 and the verdict; a stage's own `section.ts` adds another section.
 *
 * @module
 */
import { defineStage, every } from "../../pipeline/stage.ts";
import augmentCache from "../augment_cache/mod.ts";
import controls from "../controls/mod.ts";
import download from "../download/mod.ts";
import emaTeacher from "../ema_teacher/mod.ts";
import ensemble from "../ensemble/mod.ts";
import layerProbe from "../layer_probe/mod.ts";
import probe from "../probe/mod.ts";
import train from "../train/mod.ts";
import { params } from "./params.ts";
import type { run } from "./run.ts";

export default defineStage<typeof run>({
  name: "report",
  run: new URL("./run.ts", import.meta.url).href,
  axes: [],
  inputs: {
    download: every(download),
    views: every(augmentCache),
    trained: every(train),
    teachers: every(emaTeacher),
    probes: every(probe),
    layerProbes: every(layerProbe, { optional: true }),
    controls: every(controls, { optional: true }),
    ensembles: every(ensemble, { optional: true }),
  },
  params,
  reads: { download: [], views: [], trained: [] },
  outputs: ["REPORT.md", "table1.csv", "claims.csv"],
  publish: true,
  estimate: ({ settings }) => ({
    seconds: 2 + 0.05 * Object.keys(settings).length,
    disk: 5_000_000,
    memory: 300_000_000,
  }),
});
