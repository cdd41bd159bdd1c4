/**
 * Settings of the user that affect a run: folders that variables name, and npm's configuration.
 *
 * @module
 */
import { homedir, tmpdir } from "node:os";
import { HERE, type NpmPlaces, readNpmConfig } from "../../../stages/download/npmrc.ts";
import type { Check } from "./check.ts";

/** Checks folders and npm's registry. */
export async function surroundingChecks(): Promise<readonly Check[]> {
  return [await temporary(tmpdir()), await home(), await registry()];
}

/**
 * Checks the folder of temporary files.
 *
 * @param folder of temporary files
 */
export async function temporary(folder: string): Promise<Check> {
  const name = "temporary files";
  try {
    await Deno.remove(await Deno.makeTempDir({ dir: folder, prefix: "doctor-" }));
    return { name, state: "ok", found: `go to ${folder}` };
  } catch (error) {
    const exists = await Deno.stat(folder).then(({ isDirectory }) => isDirectory, () => false);
    return {
      name,
      state: "missing",
      found: `${folder} ${exists ? `cannot be written (${(error as Error).message})` : "is no folder"}`,
      next: "unset TMPDIR, or let it name a folder that you can write",
    };
  }
}

async function home(): Promise<Check> {
  const folder = homedir();
  const exists = await Deno.stat(folder).then(({ isDirectory }) => isDirectory, () => false);
  return exists ? { name: "home folder", state: "ok", found: folder } : {
    name: "home folder",
    state: "note",
    found: `${folder || "HOME"} is no folder: no .npmrc of yours is read`,
  };
}

/** Checks npm's registry, and names it without credentials. */
export async function registry(places: NpmPlaces = HERE): Promise<Check> {
  const name = "npm registry";
  try {
    const config = await readNpmConfig(places);
    const proxy = config.httpsProxy || config.proxy;
    const found = [`${bare(config.registry)}`, ...(proxy ? [`by the proxy ${bare(proxy)}`] : [])].join(", ");
    return { name, state: "ok", found };
  } catch (error) {
    return {
      name,
      state: "missing",
      found: (error as Error).message,
      next: "see npm's configuration, .npmrc",
    };
  }
}

/** A URL without user, password and query. */
function bare(url: unknown): string {
  if (!URL.canParse(String(url))) return "no URL";
  const { protocol, host, pathname } = new URL(String(url));
  return `${protocol}//${host}${pathname}`;
}
