/**
 * Measurements made by processes of their own, which print JSON as their last line.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { type Python, pythonWith } from "../../../tests/fixtures/python.ts";

/** A value that a process printed. */
export type Printed = Readonly<Record<string, number>>;

/** Python with PyTorch, torchvision, scikit-learn and umap-learn. */
export function sciencePython(): Promise<Python> {
  return pythonWith(fileURLToPath(new URL("../../../tests/reference/requirements.txt", import.meta.url)));
}

/** Runs a script of ours with these flags. */
export async function ownResult(
  script: URL,
  flags: Readonly<Record<string, string | number>> = {},
): Promise<Printed> {
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--frozen", fileURLToPath(script), ...args],
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(`Cannot measure ${args.join(" ")}:\n${text.decode(stderr)}`);
  return lastLine(text.decode(stdout));
}

/** Runs a Python script on a job. */
export async function peerResult(python: Python, script: URL, job: unknown): Promise<Printed> {
  return lastLine(await python.run(fileURLToPath(script), JSON.stringify(job)));
}

/** Versions of packages of that Python. */
export async function versionsIn(
  python: Python,
  packages: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const program = "import json, sys\nfrom importlib.metadata import version\n" +
    "print(json.dumps({name: version(name) for name in sys.argv[1:]}))";
  return JSON.parse(await python.run("-c", program, ...packages));
}

function lastLine(text: string): Printed {
  return JSON.parse(text.trim().split("\n").at(-1)!);
}
