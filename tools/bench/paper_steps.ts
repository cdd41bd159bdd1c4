/**
 * `deno task bench:paper`: steps of every model of the paper profile at full size, a process each; writes their time and
 * memory into docs/backends.md. `--backend NAME` takes one backend, and again another, and prints alone. Takes about ten
 * minutes on two idle cores.
 *
 * @module
 */
import { parseArgs } from "@std/cli";
import paper from "../../profiles/paper.json" with { type: "json" };
import { CANDIDATES } from "../../tests/conformance/backends.ts";
import { machineWith } from "./peers/peer_machine.ts";
import { ownResult, type Printed } from "./peers/peer_processes.ts";
import { formatted, withPart } from "./performance/marks.ts";
import { machineText } from "./performance/performance_words.ts";

const DOCUMENT = new URL("../../docs/backends.md", import.meta.url);
const TRAINING = new URL("./training.ts", import.meta.url);
const TASK = "deno task bench:paper";

/** The backends in the document's table. */
const BACKENDS = ["wasm", "tensorflow"];
/** Timed steps; one more goes before them, which compiles and fills caches. */
const STEPS = 3;

if (import.meta.main) {
  const { backend } = parseArgs(Deno.args, { string: ["backend"], collect: ["backend"] });
  const machine = machineText(machineWith({}));
  await written(""); // the document can be written, or an error now
  const backends = backend!.length > 0 ? backend! : BACKENDS;
  for (const name of backends) checkBackend(name);
  const lines: string[] = [];
  for (const name of backends) {
    for (const [model, architecture] of Object.entries(paper.models)) {
      // Its network is DenseJoin's.
      if (model === "random-leaves") continue;
      lines.push(lineOf([name, model, ...cellsOf(await stepsOf(name, { model, architecture }))]));
      console.log(lines.at(-1));
    }
  }
  if (backend!.length === 0) {
    const head = ["Backend", "Model", "s a step", "processor s a step", "GiB resident at most"];
    const table = [lineOf(head), "| --- | --- | ---: | ---: | ---: |", ...lines].join("\n");
    await Deno.writeTextFile(DOCUMENT, await formatted(await written(`${table}\n\nMeasured on ${machine}.`)));
  }
}

/** The document with this content in its table's place. */
async function written(content: string): Promise<string> {
  return withPart(await Deno.readTextFile(DOCUMENT), { name: "paper", task: TASK, content });
}

function checkBackend(backend: string): void {
  const candidate = CANDIDATES.find(({ name }) => name === backend);
  if (candidate === undefined) {
    const names = CANDIDATES.map(({ name }) => name).join(", ");
    throw new Error(`Cannot measure backend "${backend}": expected one of ${names}`);
  }
  if (candidate.missing !== undefined) {
    throw new Error(
      `Cannot measure backend "${backend}": ${candidate.missing}, or name others with --backend`,
    );
  }
}

/** Undefined where the process failed: the error is printed, and the other models, which take minutes, go on. */
async function stepsOf(
  backend: string,
  { model, architecture }: { readonly model: string; readonly architecture: unknown },
): Promise<Printed | undefined> {
  const { train, "augment-cache": { globals, locals } } = paper;
  const given = {
    backend,
    model,
    architecture: JSON.stringify(architecture),
    head: JSON.stringify(train.head),
    batch: train.batch,
    micro: train.microBatch,
    crops: JSON.stringify({ globals, locals }),
    steps: STEPS,
    warmup: 1,
  };
  return await ownResult(TRAINING, given).catch((error: Error) => void console.error(error.message));
}

function cellsOf(measured: Printed | undefined): readonly string[] {
  if (measured === undefined) return ["failed", "failed", "failed"];
  const { medianMs, processorMs, residentMiB } = measured;
  return [medianMs / 1000, processorMs / 1000, residentMiB / 1024].map((value) => value.toFixed(1));
}

function lineOf(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
