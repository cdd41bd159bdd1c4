/**
 * The data set that is asked for, and how much there is of it.
 *
 * @module
 */
import { z } from "zod";
import { BATCHES, OFFICIAL_MD5 } from "./official.ts";

const digest = z.string().regex(/^[0-9a-f]{32}$/, "expected 32 hex digits in lower case");
const md5 = z.strictObject(
  Object.fromEntries(BATCHES.map((batch) => [batch, digest.default(OFFICIAL_MD5[batch])])),
).prefault({}).describe(
  "MD5 of every batch; the official ones unless another data set in CIFAR's format is wanted",
);

export const params = z.strictObject({ md5 });

export type DownloadParams = z.infer<typeof params>;

/** Number of images. */
export interface DownloadMeta {
  readonly train: number;
  readonly test: number;
}
