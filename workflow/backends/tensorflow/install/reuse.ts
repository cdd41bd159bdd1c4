/**
 * Libraries that another build of the addon has fetched: linking takes no time, space or network.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { type Fetched, LIBRARIES } from "./fetch.ts";
import { exposure } from "./exposure.ts";
import { allInstallations, damageIn, type Installation } from "../installation.ts";

/** A sound installation of the same wheels, of any build, that only the user may write. */
export async function sameWheels(
  variant: "cpu" | "gpu",
  version: string,
): Promise<Installation | undefined> {
  for (const { installation } of await allInstallations()) {
    if (installation?.variant !== variant || installation.tensorflow !== version) continue;
    if (await exposure(installation) !== undefined) continue;
    if ((await damageIn(installation, { rehash: true })).length === 0) return installation;
  }
}

/** Links an installation's libraries and headers into `target`; copies them if the disk has no hard links. */
export async function linkLibrary({ dir, files, source }: Installation, target: string): Promise<Fetched> {
  const below = "lib/";
  for (const name of Object.keys(files).filter((name) => name.startsWith(below))) {
    const to = join(target, name.slice(below.length));
    await Deno.mkdir(dirname(to), { recursive: true });
    await Deno.link(join(dir, name), to).catch(() => Deno.copyFile(join(dir, name), to));
  }
  const folder = join(target, "tensorflow");
  return {
    library: { folder, libraries: LIBRARIES, include: join(folder, "include") },
    wheels: "wheels" in source ? source.wheels : [],
  };
}
