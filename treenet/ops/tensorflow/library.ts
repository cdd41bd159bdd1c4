/**
 * TensorFlow's own library behind TensorFlow.js: the kernels of npm:@tensorflow/tfjs-node-gpu over its addon.
 * `deno task setup:tensorflow` builds the addon against a current TensorFlow.
 *
 * @module
 */
import { createRequire } from "node:module";
import util from "node:util";
import * as tf from "@tensorflow/tfjs-core";
import { libraryVariables } from "./native_variables.ts";

const NAME = "tensorflow";
const PACKAGE = "@tensorflow/tfjs-node-gpu";

/** Exports of the addon that are used here: its version, and numbers of types in TensorFlow's C API. */
export interface Binding {
  readonly TF_Version: string;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
}

/** An attribute of a TensorFlow operation, as the addon takes it. */
export interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: number | string | boolean | readonly number[];
}

/** The part of the package's backend that runs TensorFlow's operations by name. */
export interface NodeBackend {
  readonly binding: Binding;
  readonly isUsingGpuDevice: boolean;
  executeSingleOutput(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly tf.Tensor[],
  ): tf.Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly tf.Tensor[],
    outputs: number,
  ): tf.Tensor[];
}

/**
 * Loads the addon, once a process, and makes it TensorFlow.js' current backend.
 *
 * @param options.cores threads of an operation; the library keeps those of the process' first call
 * @param options.library absolute path of the addon
 */
export async function startLibrary(
  { cores, library }: { readonly cores: number; readonly library?: string },
): Promise<NodeBackend> {
  if (library === undefined) {
    throw new Error('Cannot load TensorFlow: it is not installed, run "deno task setup:tensorflow"');
  }
  if (tf.findBackend(NAME) === null) await register(cores, library);
  if (!await tf.setBackend(NAME)) {
    throw new Error("Cannot start TensorFlow.js: its tensorflow backend did not initialise");
  }
  return tf.backend() as unknown as NodeBackend;
}

async function register(cores: number, library: string): Promise<void> {
  for (const [name, value] of Object.entries(libraryVariables(cores))) Deno.env.set(name, value);
  const binding = loadAddon(library);
  restoreUtil();
  const { NodeJSKernelBackend } = await import("@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js");
  await import("@tensorflow/tfjs-node-gpu/dist/register_all_kernels.js");
  tf.registerBackend(NAME, () => new NodeJSKernelBackend(binding as never, PACKAGE));
}

function loadAddon(library: string): Binding {
  try {
    return createRequire(import.meta.url)(library);
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `Cannot load TensorFlow from ${library}: ${found.replace(/\.$/, "")}; see "deno task doctor"`,
      {
        cause,
      },
    );
  }
}

/** Restores functions of Node.js' util that the package uses and Deno does not have. */
function restoreUtil(): void {
  const old = util as unknown as Record<string, (value: unknown) => boolean>;
  old.isNullOrUndefined ??= (value) => value === null || value === undefined;
  old.isArray ??= Array.isArray;
}
