/**
 * Selects the training images and, where the profile asks for it, makes their views ahead of training: one
 * pair of shards a round. Epoch e of training uses round e mod rounds; with no rounds training makes the same
 * bytes itself.
 *
 * @module
 */
import { defineStage } from "../../pipeline/stage.ts";
import download from "../download/mod.ts";
import { params } from "./params.ts";
import type { run } from "./run.ts";

/** Measured for the default recipe on one core, seconds. */
const SECONDS_A_BYTE = 0.21e-3 / 10_200;

/** Files that the section reads. */
export const sectionReads = ["contact_sheet.png"];

export default defineStage<typeof run>({
  name: "augment-cache",
  run: new URL("./run.ts", import.meta.url).href,
  axes: ["seed"],
  inputs: { data: download },
  params,
  outputs: ["images.npy", "index.json", "contact_sheet.png"],
  needs: { cores: "all" },
  estimate({ images, rounds, globals, locals }) {
    const bytes = rounds * images *
      (globals.count * globals.size ** 2 + locals.count * locals.size ** 2) * 3;
    return {
      seconds: 3 + bytes * SECONDS_A_BYTE,
      disk: bytes + images * 4 + 1_000_000,
      memory: 600_000_000,
    };
  },
});
