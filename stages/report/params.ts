/**
 * The report is told settings beside its artifacts, and says a line of facts.
 *
 * @module
 */
import { z } from "zod";

export const params = z.strictObject({
  profile: z.string().default("").describe("Name of the profile, as the report's first line gives it"),
  sweep: z.array(z.strictObject({
    model: z.string(),
    of: z.string().describe("The model of the profile that it is made from"),
    values: z.record(z.string(), z.unknown()).describe("Field → its value"),
  })).default([]).describe("Models of a sweep; empty without one"),
  settings: z.record(z.string(), z.unknown()).default({})
    .describe("Task upstream of the report → its parameters, defaults resolved"),
  graph: z.array(z.strictObject({ stage: z.string(), reads: z.array(z.string()) })).default([])
    .describe("Stages upstream of the report, each after those that it reads"),
  viewCosts: z.record(z.string(), z.record(z.string(), z.number())).default({})
    .describe("Model → side of a view in pixels → multiply-adds of the encoder on one"),
  recipe: z.strictObject({
    sections: z.record(z.string(), z.unknown()),
    models: z.record(z.string(), z.unknown()),
  }).default({ sections: {}, models: {} })
    .describe("Parameters of the stages by the paper profile, defaults resolved, and its architectures"),
});

export type ReportParams = z.infer<typeof params>;

/** Facts of a report. */
export interface ReportMeta {
  readonly models: readonly string[];
  readonly seeds: readonly number[];
  /** The numbers do not test the paper's claim. */
  readonly scaledDown: boolean;
  /** Fields in which the run differs from the recipe. */
  readonly deviations: number;
}
