/**
 * A numeric backend: the code that computes tensors on this machine.
 *
 * @module
 */
import type { AnyStage, Json } from "./stage.ts";

/** A numeric backend that can be used here. */
export interface Backend {
  /** As the command line says it: `wasm`. */
  readonly name: string;
  /** The versions that determine how its numbers are rounded: the environment part of a key. */
  readonly environment: Readonly<Record<string, string>>;
  /** Absolute path of its native library, where it has one: that is code no permission can hold. */
  readonly library?: string;
  /** Environment variables of a process that computes with it on so many cores. */
  readonly variables?: (cores: number) => Readonly<Record<string, string>>;
  /** Begins to look at its device, where that is another than the CPU, while a task computes on it. */
  readonly watch?: () => DeviceWatch;
}

/** Looks at a device until it is stopped. */
export interface DeviceWatch {
  /** Ends it: what it saw. */
  stop(): Promise<Seen>;
}

/** Observations of a device. */
export interface Seen {
  /** For run.json, beside what the stage recorded. */
  readonly records: Readonly<Record<string, Json>>;
  /** Said when the task is done, after its name. */
  readonly words?: string;
}

/** A backend, and why it was taken: said to the user before anything runs. */
export interface Choice {
  /** Its name. */
  readonly backend: string;
  /** In words, with the next step to a better one where there is one. */
  readonly reason: string;
}

/** Stands for the best backend that the machine has. */
export const AUTO = "auto";

/**
 * The native libraries that a stage's process loads: the backend's, where the stage computes tensors. They void its
 * sandbox.
 */
export function nativeLibraries(
  { numeric }: Pick<AnyStage, "numeric">,
  { library }: Backend,
): readonly string[] {
  return numeric === true && library !== undefined ? [library] : [];
}
