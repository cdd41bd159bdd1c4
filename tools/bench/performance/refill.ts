/**
 * `deno task bench:performance`: measures all that docs/performance.md and docs/performance-kernel.md show, then writes
 * it. Takes about twenty minutes on two cores that do nothing else; arguments go to `bench:peers`.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { FOLDER } from "./measurements.ts";

const HERE = new URL("./", import.meta.url);

/** A benchmark that prints a file of measurements. */
const BENCHMARKS = [
  { file: "kernels.json", script: "../kernels/kernel_rates.ts", args: ["--json"] },
  { file: "scaling.json", script: "../scaling.ts", args: [] },
  { file: "peers.json", script: "../peers/peers.ts", args: ["--json", ...Deno.args] },
] as const;

for (const { file, script, args } of BENCHMARKS) {
  console.error(`measuring ${file}`);
  const printed = await deno([
    "run",
    "--no-prompt",
    "-A",
    "--frozen",
    fileURLToPath(new URL(script, HERE)),
    ...args,
  ]);
  await Deno.writeTextFile(new URL(file, FOLDER), JSON.stringify(JSON.parse(printed), null, 2) + "\n");
}
console.log(
  await deno(["run", "--no-prompt", "-A", "--frozen", fileURLToPath(new URL("./document.ts", HERE))]),
);

/**
 * The command's output; throws an Error where there is none. A comparison that failed is named and left out.
 */
async function deno(args: readonly string[]): Promise<string> {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    stdin: "null",
    stderr: "inherit",
  }).output();
  if (code !== 0 && stdout.length === 0) {
    throw new Error(`Cannot refill docs/performance.md: deno ${args.join(" ")} failed, see above`);
  }
  Deno.exitCode ||= code;
  return new TextDecoder().decode(stdout);
}
