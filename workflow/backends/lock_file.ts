/**
 * Packages with the versions that deno.lock pins.
 *
 * @module
 */

/** One npm package. */
export interface Locked {
  readonly version: string;
  /** Digest of the tarball in npm's form: `sha512-…`. */
  readonly integrity: string;
}

/** Reads a package's entry in deno.lock. Throws an Error if there is none. */
export function lockedPackage(name: string): Locked {
  const lock = JSON.parse(Deno.readTextFileSync(new URL("../../deno.lock", import.meta.url)));
  const id = Object.keys(lock.npm).find((id) => id.startsWith(`${name}@`));
  if (id === undefined) throw new Error(`Cannot find ${name} in deno.lock, run "deno install"`);
  return { version: id.slice(name.length + 1).split("_")[0], integrity: lock.npm[id].integrity };
}
