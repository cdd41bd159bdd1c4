/**
 * The real library in the user's own cache, set up for the tests that use it unless it is.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Installation, readInstallation } from "../../workflow/backends/tensorflow/installation.ts";
import { currentBuild, pointerFile } from "../../workflow/backends/tensorflow/cache_folder.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Exit code and output of a command. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a task of this checkout; `cache` is the XDG_CACHE_HOME of another user. */
export async function task(args: readonly string[], cache?: string): Promise<Ran> {
  const own = Deno.env.get("XDG_CACHE_HOME") ?? join(Deno.env.get("HOME")!, ".cache");
  const packages = Deno.env.get("DENO_DIR") ?? join(own, "deno");
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "workflow/mod.ts", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...(cache === undefined ? {} : { XDG_CACHE_HOME: cache, DENO_DIR: packages }) },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

/** Sets it up in the user's own cache; which installation is in use there stays as it was, if one was. */
export async function setUp(): Promise<Ran> {
  const pointer = pointerFile(currentBuild());
  const before = await Deno.readTextFile(pointer).catch(() => undefined);
  const ran = await task(["setup:tensorflow", "--variant", "cpu"]);
  if (before !== undefined) await Deno.writeTextFile(pointer, before);
  return ran;
}

/** The output of the setup. */
export const setup: Ran = await setUp();

/** The installation that the setup made, which may differ from the one that the user uses. */
export async function installed(): Promise<Installation> {
  const dir = setup.stdout.match(/set up, computes on .*?: (\S.*)/)?.[1] ?? "";
  const found = await readInstallation(dir);
  if (found === undefined) throw new Error(`Cannot find what was set up in "${setup.stdout}"`);
  return found;
}

/** True where this machine cannot have it: no pip, wheel, compiler or space. Any other error has to fail the tests. */
export const ignore: boolean = setup.code !== 0 &&
  /pip ended with|-m pip" does not run|its wheels|CPU has no AVX|there is no c\+\+|are free in/.test(
    setup.stderr,
  );

if (ignore) console.log(`TensorFlow cannot be had here, its tests are skipped: ${setup.stderr.trim()}`);
