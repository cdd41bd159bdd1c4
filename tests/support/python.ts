/**
 * A Python of the tests' own: a virtual environment in the user's cache folder, named by its requirements and made when
 * they change. Of several gigabytes where PyTorch is among them, so checkouts share it.
 *
 * @module
 */
import { sha256 } from "../../pipeline/canonical.ts";
import { exists } from "../../pipeline/files.ts";

const cache = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME") ?? Deno.cwd()}/.cache`;

export interface Python {
  /** Folder of its programs. */
  readonly bin: string;
  /** Runs Python with these arguments; returns what it printed. Throws an Error with its output where it fails. */
  readonly run: (...args: string[]) => Promise<string>;
}

/** Python 3 with the packages of a requirements file. */
export async function pythonWith(requirements: string): Promise<Python> {
  const text = await Deno.readTextFile(requirements);
  const folder = `${cache}/treenet/python-${sha256(text).slice(0, 12)}`;
  if (!await exists(`${folder}/complete`)) {
    await command("python3", ["-m", "venv", "--clear", folder]);
    await command(`${folder}/bin/python`, [
      ...["-m", "pip", "install", "--quiet", "--no-cache-dir"],
      ...["-r", requirements],
    ]);
    await Deno.writeTextFile(`${folder}/complete`, "");
  }
  return { bin: `${folder}/bin`, run: (...args) => command(`${folder}/bin/python`, args) };
}

async function command(name: string, args: readonly string[]): Promise<string> {
  const env = { PYTHONDONTWRITEBYTECODE: "1" };
  const { success, stdout, stderr } = await new Deno.Command(name, { args: [...args], env, stdin: "null" })
    .output();
  const text = new TextDecoder();
  if (success) return text.decode(stdout);
  throw new Error(`${name} ${args.join(" ")} failed:\n${text.decode(stdout)}${text.decode(stderr)}`);
}
