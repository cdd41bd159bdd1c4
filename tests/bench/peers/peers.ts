/**
 * `deno task bench:peers`: our training steps against PyTorch's, in one run, by turns, on the same cores.
 *
 * PyTorch is given the fastest of its ways (leaves grouped or in a loop, channels last or first), found first with one
 * run each; both sides get an allocator that keeps its memory, and PyTorch's threads wait passively. A line is
 * the median over runs, each in a process of its own; a ratio above 1 says that we are faster.
 *
 * `--only NAME` takes the steps whose name starts so, `--backend B` one backend, `--runs N` so many by turns, `--json`
 * prints `{machine, entries: [{name, backend, mode, ours, peer, ratio, unit, runs}]}`.
 *
 * @module
 */
import { parseArgs } from "@std/cli";
import os from "node:os";
import { fileURLToPath } from "node:url";
import { CANDIDATES } from "../../conformance/backends.ts";
import { type Python, pythonWith } from "../../support/python.ts";
import { HEAD, jobOf, type Step, STEPS, type Variant, variantsOf } from "./jobs.ts";

/** One comparison. `ours` and `peer` are medians. */
interface Entry {
  readonly name: string;
  readonly backend: string;
  /** How numbers are rounded. */
  readonly mode: string;
  readonly ours: number;
  readonly peer: number;
  /** ours / peer */
  readonly ratio: number;
  readonly unit: "images/s";
  /** Of either side, by turns. */
  readonly runs: { readonly ours: readonly number[]; readonly peer: readonly number[] };
  /** PyTorch's fastest way. */
  readonly variant: string;
}

const MODES: Readonly<Record<string, string>> = { wasm: "mul + add", tensorflow: "float32, FMA" };
const CORES = navigator.hardwareConcurrency;
const TRAINING = fileURLToPath(new URL("../training.ts", import.meta.url));
const PEER = fileURLToPath(new URL("./pytorch_step.py", import.meta.url));
const REQUIREMENTS = fileURLToPath(new URL("../../reference/requirements.txt", import.meta.url));

/** glibc's allocator keeps what it has; PyTorch's OpenMP threads do not spin. */
const ENVIRONMENT = {
  MALLOC_MMAP_THRESHOLD_: String(2 ** 32),
  MALLOC_TRIM_THRESHOLD_: String(2 ** 33),
  MALLOC_TOP_PAD_: String(2 ** 28),
  OMP_WAIT_POLICY: "PASSIVE",
};

if (import.meta.main) {
  const args = parseArgs(Deno.args, {
    string: ["only", "backend", "runs"],
    boolean: ["json"],
    default: { only: "", runs: "3" },
  });
  for (const [name, value] of Object.entries(ENVIRONMENT)) Deno.env.set(name, value);
  const python = await pythonWith(REQUIREMENTS);
  const backends = CANDIDATES.filter(({ name, missing }) =>
    name in MODES && missing === undefined && (args.backend ?? name) === name
  );
  const entries: Entry[] = [];
  for (const step of STEPS.filter(({ name }) => name.startsWith(args.only))) {
    const variant = await fastest(python, step);
    for (const { name } of backends) {
      entries.push(await compare(python, step, { backend: name, variant, runs: Number(args.runs) }));
      if (!args.json) console.log(lineOf(entries.at(-1)!));
    }
  }
  const machine = { cpu: os.cpus()[0].model.trim(), cores: CORES, deno: Deno.version.deno };
  if (args.json) console.log(JSON.stringify({ machine, entries }, null, 2));
  else console.log(`${machine.cpu}, ${CORES} cores, Deno ${machine.deno}`);
}

async function fastest(python: Python, step: Step): Promise<Variant> {
  const rates = [];
  for (const variant of variantsOf(step)) {
    rates.push({ variant, rate: await peerRate(python, step, variant) });
  }
  return rates.sort((a, b) => b.rate - a.rate)[0].variant;
}

async function compare(
  python: Python,
  step: Step,
  { backend, variant, runs }: { readonly backend: string; readonly variant: Variant; readonly runs: number },
): Promise<Entry> {
  const ours: number[] = [], peer: number[] = [];
  for (let run = 0; run < runs; run++) {
    ours.push(await ourRate(step, backend));
    peer.push(await peerRate(python, step, variant));
  }
  return {
    name: step.name,
    backend,
    mode: MODES[backend],
    ours: median(ours),
    peer: median(peer),
    ratio: Number((median(ours) / median(peer)).toFixed(3)),
    unit: "images/s",
    runs: { ours, peer },
    variant: nameOf(variant),
  };
}

/** Images a second. */
async function ourRate({ model, architecture, batch, locals }: Step, backend: string): Promise<number> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-check", TRAINING, "--backend", backend, "--model", model],
      ...["--architecture", JSON.stringify(architecture), "--head", JSON.stringify(HEAD)],
      ...["--batch", String(batch), "--micro", String(batch), "--locals", String(locals)],
      ...["--steps", "5", "--warmup", "2", "--cores", String(CORES)],
    ],
  }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(`Cannot measure ${model} on ${backend}:\n${text.decode(stderr)}`);
  return JSON.parse(text.decode(stdout).trim().split("\n").at(-1)!).imagesPerSecond;
}

async function peerRate(python: Python, step: Step, variant: Variant): Promise<number> {
  const out = await python.run(PEER, jobOf(step, { ...variant, cores: CORES, steps: 5, warmup: 2 }));
  const { medianMs } = JSON.parse(out.trim().split("\n").at(-1)!);
  return Number((1000 * step.batch / medianMs).toFixed(1));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

function nameOf({ looped, channelsLast }: Variant): string {
  return `${looped ? "leaves in a loop" : "grouped"}, channels ${channelsLast ? "last" : "first"}`;
}

function lineOf({ name, backend, ours, peer, ratio, variant, runs }: Entry): string {
  const spread = (all: readonly number[]) => `(${Math.min(...all)}–${Math.max(...all)})`;
  return `${name.padEnd(36)} ${backend.padEnd(11)} ${ratio.toFixed(2)}×  ` +
    `${ours} ${spread(runs.ours)} against ${peer} ${spread(runs.peer)} images/s of PyTorch, ${variant}`;
}
