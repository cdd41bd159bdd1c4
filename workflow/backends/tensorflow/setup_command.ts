/**
 * `deno task setup:tensorflow`.
 *
 * @module
 */
import type { Command } from "../../../pipeline/workflow.ts";
import { TENSORFLOW } from "./install/pins.ts";
import { setUp } from "./setup.ts";

/** Version in PyPI's form; it becomes part of a folder's name. */
const VERSION = /^\d+\.\d+\.\d+$/;

export const setupTensorflow: Command = {
  summary: "Set up the TensorFlow backend: fetch its library, compile the addon, prove it",
  details: [
    "The library comes out of PyPI's wheel, fetched by your pip (PYTHON names another); the addon is compiled by your",
    "C++ compiler (CXX names another) from two files of npm:@tensorflow/tfjs-node-gpu. Both go into a cache outside the",
    "repository (XDG_CACHE_HOME, else ~/.cache) and need no network afterwards. See docs/tensorflow.md.",
  ],
  flags: {
    variant: {
      type: "text",
      value: "V",
      choices: ["cpu", "gpu"],
      help: "cpu, or gpu with NVIDIA's CUDA wheels (default gpu where one is seen)",
    },
    tensorflow: {
      type: "text",
      value: "VERSION",
      help: `of the wheel (default ${TENSORFLOW}; of others no digest is pinned)`,
    },
    libtensorflow: {
      type: "path",
      value: "DIR",
      help:
        "link a library that is here instead: the C library's archive, or a Python's site-packages/tensorflow",
    },
  },
  run: async (_pipeline, { text: { variant, tensorflow: version, libtensorflow } }) => {
    if (version !== undefined && !VERSION.test(version)) {
      throw new Error(
        `Cannot use --tensorflow ${version}: expected a version such as ${TENSORFLOW}, with three numbers`,
      );
    }
    const { installation, already, proof } = await setUp({
      variant: variant as "cpu" | "gpu" | undefined,
      version,
      libtensorflow,
      say: (line) => console.log(line),
    });
    const { tensorflow, variant: kind, dir } = installation;
    const state = already ? "is already set up" : "is set up";
    console.log(`TensorFlow ${tensorflow} (${kind}) ${state}, computes on ${proof.device}: ${dir}`);
    if (!already) console.log("Use it with --backend tensorflow, or let --backend auto choose");
    return 0;
  },
};
