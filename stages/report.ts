/**
 * The paper, reproduced: Table 1 and Figures 1 to 5 as a Markdown report in which every number comes from an
 * artifact and says from which.
 *
 * Facts that differ from run to run (times, hosts) are left as placeholders `{{run <task> <field>}}`, which the engine
 * fills from run.json when it publishes the report; so the same artifacts give the same bytes everywhere.
 *
 * Nothing is taken from an artifact's key: no digest of an input covers it, so what the report says of parameters comes
 * from parameters of its own.
 *
 * @module
 */
import { z } from "zod";
import { defineStage, every } from "../pipeline/types.ts";
import augmentCache from "./augment_cache.ts";
import controls from "./controls.ts";
import curve from "./curve.ts";
import download from "./download.ts";
import emaTeacher from "./ema_teacher.ts";
import leafProbe from "./leaf_probe.ts";
import probe from "./probe.ts";
import type { Settings } from "./report/settings.ts";
import saliency from "./saliency.ts";
import train from "./train.ts";
import umap from "./umap.ts";

/** What a report says in one line. */
export interface ReportMeta {
  readonly models: readonly string[];
  readonly seeds: readonly number[];
  /** The numbers do not test the paper's claim. */
  readonly scaledDown: boolean;
  /** Fields in which the run differs from the recipe. */
  readonly deviations: number;
}

const params = z.strictObject({
  profile: z.string().default("").describe("Name of the profile, as the report's first line gives it"),
  settings: z.record(z.string(), z.unknown()).default({})
    .describe("Task upstream of the report → its parameters, defaults resolved"),
  viewCosts: z.record(z.string(), z.record(z.string(), z.number())).default({})
    .describe("Model → side of a view in pixels → multiply-adds of the encoder on one"),
});

export default defineStage({
  name: "report",
  module: import.meta.url,
  axes: [],
  inputs: {
    download: every(download),
    views: every(augmentCache),
    trained: every(train),
    teachers: every(emaTeacher),
    probes: every(probe),
    leafProbes: every(leafProbe, { optional: true }),
    controls: every(controls, { optional: true }),
    learning: every(curve, { optional: true }),
    saliency: every(saliency),
    umaps: every(umap),
  },
  params,
  reads: { download: [], views: ["contact_sheet.png"], trained: ["log.csv"] },
  outputs: ["REPORT.md", "table1.csv"],
  publish: true,
  estimate: ({ settings }) => ({
    seconds: 2 + 0.05 * Object.keys(settings).length,
    disk: 5_000_000,
    memory: 300_000_000,
  }),
  async run(context, params, sources): Promise<ReportMeta> {
    const { deviations } = await import("./report/deviations.ts");
    const { recipeOf } = await import("./report/paper.ts");
    const { settingsOf } = await import("./report/settings.ts");
    const { everyArtifact, modelsOf, seedsOf, stageOf } = await import("./report/sources.ts");
    const { isScaledDown } = await import("./report/headline.ts");
    const { writeReport } = await import("./report/write.ts");
    const settings = params.settings as Settings;
    const artifacts = everyArtifact(sources);
    const tasks = artifacts.map((artifact) => ({
      stage: stageOf(artifact),
      point: artifact.point,
      params: settingsOf(artifact.task, settings),
    }));
    const run = {
      profile: params.profile,
      sources,
      settings,
      viewCosts: params.viewCosts,
      deviations: deviations(tasks, recipeOf()),
    };
    await writeReport(context.out, run);
    return {
      models: modelsOf(artifacts),
      seeds: seedsOf(artifacts),
      scaledDown: isScaledDown(run),
      deviations: run.deviations.length,
    };
  },
});
