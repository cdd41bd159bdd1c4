/**
 * The user's own pip: its configuration decides the source of the wheels.
 *
 * @module
 */
import { join } from "node:path";
import { lastWords, runTool } from "./tool.ts";

/** Options that choose wheels for this Python, whichever Python runs pip: only their libraries are used. */
const PLATFORM = [
  ...["--implementation", "cp", "--python-version", "3.11", "--abi", "cp311", "--abi", "none"],
  ...["2_27", "2_17", "2014", "2_12", "2010", "2_5", "1"].flatMap((tag) => [
    "--platform",
    `manylinux${tag.includes("_") ? "_" : ""}${tag}_x86_64`,
  ]),
];

const ADVICE =
  "install it (Debian: apt install python3-pip, Fedora: dnf install python3-pip), name a Python that has it by " +
  "PYTHON, or give a library of your own (--libtensorflow DIR)";

/** Version, `pip 23.2.1 (python 3.11)`; undefined where there is no pip. */
export async function pipVersion(): Promise<string | undefined> {
  const said = await runTool([python(), "-m", "pip", "--version"]);
  if (said?.code !== 0) return undefined;
  return said.stdout.trim().replace(/ from .*? \(/, " (");
}

/** Throws an Error with the next step where there is no pip. */
export async function requirePip(): Promise<void> {
  if (await pipVersion() !== undefined) return;
  throw new Error(`Cannot set up TensorFlow: "${python()} -m pip" does not run, ${ADVICE}`);
}

/** Downloads wheels without their dependencies into a folder; returns their paths. */
export async function download(requirements: readonly string[], folder: string): Promise<readonly string[]> {
  const wheels = join(folder, "wheels");
  const temporary = join(folder, "tmp");
  await Deno.mkdir(wheels, { recursive: true });
  await Deno.mkdir(temporary, { recursive: true });
  const options = ["--quiet", "--no-input", "--no-deps", "--only-binary", ":all:", "--dest", wheels];
  const said = await runTool(
    [python(), "-m", "pip", "download", ...options, ...PLATFORM, ...requirements],
    { env: { TMPDIR: temporary } },
  );
  if (said?.code === 0) return [...Deno.readDirSync(wheels)].map(({ name }) => join(wheels, name)).sort();
  throw new Error(
    `Cannot fetch ${requirements.join(", ")}: pip ended with ${said?.code ?? "nothing"} (${
      said ? lastWords(said) : ""
    }), ` +
      `check the network and "${python()} -m pip config list", or give a library of your own (--libtensorflow DIR)`,
  );
}

function python(): string {
  return Deno.env.get("PYTHON") || "python3";
}
