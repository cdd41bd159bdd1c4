/**
 * NVIDIA's GPUs that the system sees.
 *
 * @module
 */
import { runTool } from "./install/tool.ts";

/** One GPU. */
export interface Gpu {
  readonly name: string;
  /** Version of NVIDIA's driver; undefined where it is not reported. */
  readonly driver?: string;
}

/** GPUs of this machine, from nvidia-smi or else from the driver. */
export async function gpusHere(): Promise<readonly Gpu[]> {
  const said = await runTool(["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"]);
  if (said?.code !== 0) return gpusOfDriver();
  return said.stdout.trim().split("\n").filter(Boolean).map((line) => {
    const [name, driver] = line.split(",").map((part) => part.trim());
    return { name, driver };
  });
}

function gpusOfDriver(): Gpu[] {
  const folder = "/proc/driver/nvidia/gpus";
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => ({
      name: Deno.readTextFileSync(`${folder}/${name}/information`).match(/^Model:\s*(.+)$/m)?.[1] ??
        "NVIDIA GPU",
    }));
  } catch {
    return [];
  }
}
