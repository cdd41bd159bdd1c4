/**
 * `deno task bench:paper [--backend NAME …]`: steps of every model of the paper profile at full size, a process each; writes
 * their time and memory into docs/backends.md. Takes about ten minutes on two idle cores.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "@std/cli";
import paper from "../../profiles/paper.json" with { type: "json" };
import { CANDIDATES } from "../conformance/backends.ts";
import { machineWith } from "./peers/machine.ts";
import { formatted, withPart } from "./performance/marks.ts";
import { machineText } from "./performance/words.ts";

const DOCUMENT = new URL("../../docs/backends.md", import.meta.url);
const TRAINING = fileURLToPath(new URL("./training.ts", import.meta.url));

/** Timed steps; one more goes before them, which compiles and fills caches. */
const STEPS = 2;

/** What a process of training.ts says. */
interface Measured {
  readonly medianMs: number;
  readonly processorMs: number;
  /** At most. */
  readonly residentMiB: number;
}

if (import.meta.main) {
  const { backend } = parseArgs(Deno.args, { string: ["backend"], collect: ["backend"] });
  const machine = machineText(machineWith({}));
  const backends = backend!.length > 0 ? backend! : ["wasm", "tensorflow"];
  const lines: string[] = [];
  for (const name of backends) {
    const missing = missingOf(name);
    if (missing !== undefined) {
      console.error(`Left out ${name}: ${missing}`);
      continue;
    }
    for (const [model, architecture] of Object.entries(paper.models)) {
      // Its network is DenseJoin's.
      if (model === "random-leaves") continue;
      const line = lineOf({ backend: name, model, ...await stepsOf(name, { model, architecture }) });
      console.log(line);
      lines.push(line);
    }
  }
  const head = ["Backend", "Model", "s a step", "processor s a step", "GiB resident at most"];
  const table = [`| ${head.join(" | ")} |`, "| --- | --- | ---: | ---: | ---: |", ...lines].join("\n");
  const content = `${table}\n\nMeasured on ${machine}.`;
  const text = withPart(await Deno.readTextFile(DOCUMENT), {
    name: "paper",
    task: "deno task bench:paper",
    content,
  });
  await Deno.writeTextFile(DOCUMENT, await formatted(text));
}

function missingOf(backend: string): string | undefined {
  const candidate = CANDIDATES.find(({ name }) => name === backend);
  if (candidate !== undefined) return candidate.missing;
  const names = CANDIDATES.map(({ name }) => name).join(", ");
  throw new Error(`Cannot measure backend ${backend}: expected one of ${names}`);
}

async function stepsOf(
  backend: string,
  { model, architecture }: { readonly model: string; readonly architecture: unknown },
): Promise<Measured> {
  const { train, "augment-cache": views } = paper;
  const given = {
    backend,
    model,
    architecture: JSON.stringify(architecture),
    head: JSON.stringify(train.head),
    batch: train.batch,
    micro: train.microBatch,
    locals: views.locals.count,
    steps: STEPS,
    warmup: 1,
  };
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "-A", "--no-check", TRAINING],
      ...Object.entries(given).flatMap(([name, value]) => [`--${name}`, String(value)]),
    ],
    stdout: "piped",
    stderr: "inherit",
  }).output();
  if (code !== 0) throw new Error(`Cannot measure ${model} on ${backend}: its process ended with ${code}`);
  return JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1)!);
}

function lineOf(
  { backend, model, medianMs, processorMs, residentMiB }: Measured & {
    readonly backend: string;
    readonly model: string;
  },
): string {
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  const cells = [backend, model, seconds(medianMs), seconds(processorMs), (residentMiB / 1024).toFixed(1)];
  return `| ${cells.join(" | ")} |`;
}
