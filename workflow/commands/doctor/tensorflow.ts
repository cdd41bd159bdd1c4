/**
 * Requirements of TensorFlow, and their state on this machine.
 *
 * @module
 */
import { findCompiler } from "../../backends/tensorflow/install/compiler.ts";
import { exposure } from "../../backends/tensorflow/install/exposure.ts";
import type { Gpu } from "../../backends/tensorflow/gpu.ts";
import {
  allInstallations,
  COMMAND,
  damageIn,
  type Installation,
  installationInUse,
  mend,
} from "../../backends/tensorflow/installation.ts";
import { readMachine, refusal } from "../../backends/tensorflow/tensorflow_machine.ts";
import { pipVersion } from "../../backends/tensorflow/install/pip.ts";
import { currentBuild } from "../../backends/tensorflow/cache_folder.ts";
import { prove } from "../../backends/tensorflow/prove.ts";
import type { Check } from "./check.ts";

/** Checks tools, GPUs and installations. */
export async function tensorflowChecks(gpus: readonly Gpu[]): Promise<readonly Check[]> {
  return [await wheels(), await compiler(), await pip(), ...gpuChecks(gpus), ...await installations(gpus)];
}

async function wheels(): Promise<Check> {
  const machine = await readMachine();
  const reason = refusal(machine);
  const name = "TensorFlow's wheels";
  if (reason === undefined) return { name, state: "ok", found: `can run here, glibc ${machine.glibc}` };
  return { name, state: "missing", found: "cannot run here", next: reason };
}

async function compiler(): Promise<Check> {
  const found = await findCompiler();
  if (found !== undefined) return { name: "C++ compiler", state: "ok", found: found.version };
  const next = "for TensorFlow: apt install g++ (Debian), dnf install gcc-c++ (Fedora), or name one by CXX";
  return { name: "C++ compiler", state: "missing", found: "none", next };
}

async function pip(): Promise<Check> {
  const found = await pipVersion();
  if (found !== undefined) return { name: "pip", state: "ok", found };
  const next =
    "for TensorFlow: apt install python3-pip (Debian), dnf install python3-pip (Fedora), or name a Python by PYTHON";
  return { name: "pip", state: "missing", found: "none", next };
}

function gpuChecks(gpus: readonly Gpu[]): readonly Check[] {
  if (gpus.length === 0) return [{ name: "GPU", state: "note", found: "no NVIDIA GPU is seen" }];
  return gpus.map(({ name, driver = "unknown" }) => ({
    name: "GPU",
    state: "ok",
    found: `${name}, driver ${driver}`,
  }));
}

async function installations(gpus: readonly Gpu[]): Promise<readonly Check[]> {
  const used = await installationInUse(currentBuild());
  const all = await allInstallations();
  const checks: Check[] = [];
  for (const { name, dir, installation } of all) {
    checks.push(
      installation === undefined
        ? {
          name,
          state: "damaged",
          found: `its record cannot be read, in ${dir}`,
          next: `remove it, or run "${COMMAND}"`,
        }
        : await examine(name, installation, { gpus, isUsed: installation.dir === used?.dir }),
    );
  }
  if (used !== undefined) return checks;
  return [...checks, {
    name: "TensorFlow",
    state: "missing",
    found: "not set up for this checkout",
    next: COMMAND,
  }];
}

async function examine(
  name: string,
  installation: Installation,
  { gpus, isUsed }: { readonly gpus: readonly Gpu[]; readonly isUsed: boolean },
): Promise<Check> {
  const exposed = await exposure(installation);
  if (exposed !== undefined) {
    return { name, state: "damaged", ...exposed };
  }
  const damage = await damageIn(installation, { rehash: true });
  if (damage.length > 0) {
    return { name, state: "damaged", found: damage.join(", "), next: mend(installation) };
  }
  const files = Object.keys(installation.files).length;
  const sound = `TensorFlow ${installation.tensorflow}, ${files} files as their digests say`;
  if (!isUsed) return { name, state: "note", found: `${sound}, not in use` };
  try {
    const { device, bus, problems } = await prove(installation.library);
    const which = bus === undefined || gpus.length < 2 ? "" : ` (${bus}), CUDA_VISIBLE_DEVICES picks another`;
    const found = `${sound}, in use, computes on ${device}${which}`;
    if (gpus.length === 0 || device !== "cpu") return { name, state: "ok", found };
    const next = installation.variant === "cpu"
      ? `for the GPU: ${COMMAND} --variant gpu`
      : problems.join(", ");
    return { name, state: "note", found, next };
  } catch (error) {
    // Its files are unchanged: the system around them has changed.
    const next = `remove ${installation.dir}, then ${mend(installation)}`;
    return { name, state: "damaged", found: (error as Error).message, next };
  }
}
