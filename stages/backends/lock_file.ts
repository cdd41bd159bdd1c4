/**
 * Packages as deno.lock pins them.
 *
 * @module
 */

/** One npm package. */
export interface Locked {
  readonly version: string;
  /** Of its tarball, as npm writes it: `sha512-…`. */
  readonly integrity: string;
}

/** A package in deno.lock. Throws an Error where it is not there. */
export function lockedPackage(name: string): Locked {
  const lock = JSON.parse(Deno.readTextFileSync(new URL("../../deno.lock", import.meta.url)));
  const id = Object.keys(lock.npm).find((id) => id.startsWith(`${name}@`));
  if (id === undefined) throw new Error(`Cannot find ${name} in deno.lock, run "deno install"`);
  return { version: id.slice(name.length + 1).split("_")[0], integrity: lock.npm[id].integrity };
}
