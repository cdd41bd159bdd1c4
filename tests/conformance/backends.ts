/**
 * Every implementation of the operations, and its availability here: a new backend is one file and one entry.
 *
 * @module
 */
import { installationInUse } from "../../workflow/backends/tensorflow/installation.ts";
import { currentBuild } from "../../workflow/backends/tensorflow/cache_folder.ts";
import { type Backend, loadOps } from "../../treenet/ops/mod.ts";
import { tensorflowOps } from "../../treenet/ops/tensorflow/mod.ts";
import type { Ops } from "../../treenet/nn/types.ts";

/** An implementation under test. */
export interface Candidate {
  /** Name in tests and in the table. */
  readonly name: string;
  readonly backend: Backend;
  /** The reason that it is not available here, with the next step; absent where it is available. */
  readonly missing?: string;
  /** The library or kernel that computes the hot operations. */
  readonly kernels: string;
  /** Weights do not depend on the number of threads, bit for bit. */
  readonly sameOnAnyCores: boolean;
  open(cores: number): Promise<Ops>;
}

/** Path of TensorFlow's addon, if it is set up. */
export const LIBRARY = (await installationInUse(currentBuild()))?.library;

const missing = LIBRARY === undefined ? 'not installed, run "deno task setup:tensorflow"' : undefined;

/** The backend that all others are compared with: TensorFlow.js in plain JavaScript. */
export const REFERENCE: Candidate = {
  name: "cpu",
  backend: "cpu",
  kernels: "stock (plain JavaScript)",
  sameOnAnyCores: true,
  open: (cores) => loadOps("cpu", { cores }),
};

/** All others. */
export const CANDIDATES: readonly Candidate[] = [
  {
    name: "wasm",
    backend: "wasm",
    kernels: "own (WebAssembly SIMD), stock beside it",
    sameOnAnyCores: true,
    open: (cores) => loadOps("wasm", { cores }),
  },
  {
    name: "tensorflow",
    backend: "tensorflow",
    missing,
    kernels: "stock (TensorFlow with oneDNN), own (C++) between convolutions",
    sameOnAnyCores: false,
    open: (cores) => loadOps("tensorflow", { cores, library: LIBRARY }),
  },
  {
    name: "tensorflow, grouped as on a GPU",
    backend: "tensorflow",
    missing,
    kernels: "stock (TensorFlow's grouped convolution)",
    sameOnAnyCores: false,
    open: (cores) =>
      tensorflowOps({ cores, library: LIBRARY, strategy: { way: "grouped", chunkBytes: Infinity } }),
  },
];
