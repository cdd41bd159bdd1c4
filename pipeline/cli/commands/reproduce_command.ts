/**
 * `deno task reproduce`: builds everything a profile asks for.
 *
 * @module
 */
import type { Command } from "../../workflow.ts";
import { build, buildFlags, hintFlags } from "../build.ts";
import { engineOf } from "../common_flags.ts";

/** Builds the whole workflow. */
export const reproduce: Command = {
  summary: "Build everything that is not fresh, and publish the report",
  flags: buildFlags,
  moreFlags: hintFlags,
  run: async (pipeline, args) => {
    const engine = await engineOf(pipeline, args);
    return await build(engine, { targets: new Set(engine.tasks), forced: new Set() }, args);
  },
};
