/**
 * The TensorFlow backend of this machine: its installation and its device.
 *
 * @module
 */
import type { Backend } from "../../../pipeline/backend.ts";
import { GpuWatch } from "./device_watch.ts";
import { type Exposure, exposure } from "./install/exposure.ts";
import { type Gpu, gpusHere } from "./gpu.ts";
import { COMMAND, damageIn, type Installation, installationInUse, mend } from "./installation.ts";
import { currentBuild } from "./cache_folder.ts";
import { prove, tensorflowVariables } from "./prove.ts";

/** State of TensorFlow on this machine. */
export type Found =
  | { readonly type: "missing" }
  | { readonly type: "exposed"; readonly installation: Installation; readonly exposed: Exposure }
  | { readonly type: "damaged"; readonly installation: Installation; readonly damage: readonly string[] }
  | { readonly type: "broken"; readonly installation: Installation; readonly message: string }
  | {
    readonly type: "ready";
    readonly installation: Installation;
    /** `cpu`, or `gpu` and its name. */
    readonly device: string;
  };

/** Looks at the installation in use. A device other than the CPU is asked of TensorFlow, in a child process. */
async function findTensorflow(): Promise<Found> {
  const installation = await installationInUse(currentBuild());
  if (installation === undefined) return { type: "missing" };
  const exposed = await exposure(installation);
  if (exposed !== undefined) return { type: "exposed", installation, exposed };
  const damage = await damageIn(installation);
  if (damage.length > 0) return { type: "damaged", installation, damage };
  if (installation.variant === "cpu") return { type: "ready", installation, device: "cpu" };
  try {
    const { device } = await prove(installation.library);
    return { type: "ready", installation, device };
  } catch (error) {
    return { type: "broken", installation, message: (error as Error).message };
  }
}

/** Opens the backend. Throws an Error with the next step where it is not set up. */
export async function tensorflowBackend(): Promise<Backend> {
  const found = await findTensorflow();
  if (found.type === "missing") {
    throw new Error(`Cannot use backend tensorflow: it is not set up here, run "${COMMAND}"`);
  }
  if (found.type === "exposed") {
    const { exposed } = found;
    throw new Error(`Cannot use backend tensorflow: ${exposed.found}, ${exposed.next}`);
  }
  if (found.type === "damaged") {
    const { installation, damage } = found;
    throw new Error(
      `Cannot use backend tensorflow: in ${installation.dir} ${damage.join(", ")}, run "${
        mend(installation)
      }"`,
    );
  }
  if (found.type === "broken") throw new Error(found.message);
  const { installation: { library, binding, tensorflow }, device } = found;
  return {
    name: "tensorflow",
    environment: {
      backend: `tensorflow ${binding} (libtensorflow ${tensorflow})`,
      device,
      fma: "yes",
      deno: Deno.version.deno,
    },
    library,
    variables: tensorflowVariables,
    ...device !== "cpu" && { watch: () => new GpuWatch() },
  };
}

/** Everything that the choice of a backend depends on. */
export async function surroundings(): Promise<{ readonly found: Found; readonly gpus: readonly Gpu[] }> {
  return { found: await findTensorflow(), gpus: await gpusHere() };
}
