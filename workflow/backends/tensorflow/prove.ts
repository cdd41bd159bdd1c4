/**
 * Proof that an addon loads and computes, and on which device.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { gpuProblems, missingLibraries } from "./cuda.ts";
import type { Loaded } from "./proof_child.ts";
import { lastWords, runTool, type Said } from "./install/tool.ts";
import { libraryVariables } from "../../../treenet/ops/tensorflow/native_variables.ts";

/** Result of running an addon on this machine. */
export interface Proof {
  /** Version of the library. */
  readonly tensorflow: string;
  /** `cpu`, or `gpu` and its name. */
  readonly device: string;
  /** PCI address of that GPU, `0000:17:00.0`: several GPUs may have one name. Absent on a CPU. */
  readonly bus?: string;
  /** Reasons why it uses no GPU; empty if it uses one or looked for none. */
  readonly problems: readonly string[];
}

/** Loads an addon in a child process. Throws an Error that says why it does not load or compute. */
export async function prove(library: string): Promise<Proof> {
  const module = fileURLToPath(new URL("./proof_child.ts", import.meta.url));
  const config = fileURLToPath(new URL("../../../deno.json", import.meta.url));
  const permissions = ["--no-prompt", `--allow-ffi=${library}`, `--allow-read=${library}`, "--ignore-env"];
  const said = await runTool(
    [Deno.execPath(), "run", "--quiet", "--cached-only", "--config", config, ...permissions, module, library],
    // TensorFlow's log names its devices and the libraries that it lacks.
    { clearEnv: true, env: { ...system(), ...tensorflowVariables(1), TF_CPP_MIN_LOG_LEVEL: "0" } },
  );
  const answer = said?.stdout.trim().split("\n").at(-1) ?? "";
  if (said?.code !== 0 || !answer.startsWith("{")) throw new Error(explain(said));
  const { tensorflow, gpu } = JSON.parse(answer) as Loaded;
  if (!gpu) return { tensorflow, device: "cpu", problems: gpuProblems(said.stderr) };
  return { tensorflow, ...gpuUsed(said.stderr), problems: [] };
}

/** Variables by which the user chooses a GPU, which changes the device that a key names. */
const PASSED_ON = ["CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES"];

/** Variables of a process that computes with TensorFlow on a number of cores. */
export function tensorflowVariables(cores: number): Readonly<Record<string, string>> {
  return { ...valuesOf(PASSED_ON), ...libraryVariables(cores) };
}

/** Variables of a stage's process; others of the user's could change the device found. */
function system(): Readonly<Record<string, string>> {
  const names = ["PATH", "HOME", "DENO_DIR", "XDG_CACHE_HOME", "LD_LIBRARY_PATH"];
  return { ...valuesOf(names), LC_ALL: "C", NO_COLOR: "1" };
}

function valuesOf(names: readonly string[]): Readonly<Record<string, string>> {
  const all = names.map((name) => [name, Deno.env.get(name)]);
  return Object.fromEntries(all.filter(([, value]) => value !== undefined));
}

/** First GPU in use: `-> device: 0, name: NVIDIA H100 80GB HBM3, pci bus id: 0000:17:00.0, compute …` */
export function gpuUsed(log: string): Pick<Proof, "device" | "bus"> {
  const [, name, bus] = log.match(/device: 0, name: ([^,\n]+), pci bus id: ([^,\s]+)/) ?? [];
  return name === undefined ? { device: "gpu" } : { device: `gpu ${name.trim()}`, bus };
}

function explain(said: Said | undefined): string {
  const printed = said?.stderr ?? "";
  const missing = missingLibraries(printed);
  if (missing.length > 0) {
    return `Cannot load TensorFlow: ${missing.join(", ")} not found, install it or see "deno task doctor"`;
  }
  const symbol = printed.match(/version `((?:GLIBC|GLIBCXX|CXXABI)_[\d.]+)' not found/)?.[1];
  if (symbol !== undefined) {
    return `Cannot load TensorFlow: this system's C or C++ library lacks ${symbol}, use a newer distribution or a library ` +
      "of your own (--libtensorflow DIR)";
  }
  const words = said === undefined ? "Deno did not start" : lastWords(said);
  return `Cannot load TensorFlow: its process ended with ${said?.code} (${words}), see "deno task doctor" ` +
    "or use --backend wasm";
}
