/**
 * The command that sets an installation up again.
 *
 * @module
 */
import type { Installation } from "./installation.ts";
import { TENSORFLOW } from "./install/pins.ts";
import { currentBuild } from "./cache_folder.ts";

/** The command, without flags. */
export const COMMAND = "deno task setup:tensorflow";

/** Command that repairs an installation; one of another build is only to be removed. */
export function mend({ variant, source, tensorflow, build, dir }: Installation): string {
  if (build !== currentBuild().digest) return `remove ${dir}, this checkout has no use for it`;
  if ("folder" in source) return `${COMMAND} --libtensorflow ${source.folder.replace(/\/lib$/, "")}`;
  return `${COMMAND} --variant ${variant}${tensorflow === TENSORFLOW ? "" : ` --tensorflow ${tensorflow}`}`;
}
