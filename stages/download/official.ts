/**
 * The official batches by name.
 *
 * @module
 */
import { TEST_FILE, TRAIN_FILES } from "../../formats/cifar.ts";

/** Batches in the order of the training images, the test images last. */
export const BATCHES: readonly string[] = [...TRAIN_FILES, TEST_FILE];

/** Batch → MD5, taken of the files in the official archive. */
export const OFFICIAL_MD5: Readonly<Record<string, string>> = {
  "data_batch_1.bin": "5dd7e06a14cb22eb9f671a540d1b7c25",
  "data_batch_2.bin": "5ea93a67294ea407fff1d09f752e9692",
  "data_batch_3.bin": "942cd6a4bcdd0dd3c604fbe906cb4421",
  "data_batch_4.bin": "ae636b3ba5c66a11e91e8cb52e771fcb",
  "data_batch_5.bin": "53f37980c15c3d472c316c40844f3f0d",
  "test_batch.bin": "803d5f7f4d78ea53de84dbe85f74fb6d",
};
