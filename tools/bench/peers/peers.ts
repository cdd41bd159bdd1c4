/**
 * `deno task bench:peers`: what we do against what a user would pick instead, in one run, by turns, on the same cores.
 *
 * Training steps against PyTorch, augmentation against torchvision, the linear probe against scikit-learn, layouts
 * against umap-learn, reruns against Snakemake, DVC and Ninja. Every number is the median over runs; a ratio above 1
 * says that we are faster.
 *
 * `--only NAME` takes the comparisons whose name starts so, and may be given again; `--backend B` takes one backend of
 * the training steps; `--runs N` measures so often; `--json` prints `{machine, entries: [{name, backend, mode, ours,
 * peer, ratio, unit, runs}]}`.
 *
 * @module
 */
import { parseArgs } from "@std/cli";
import { COMPARISONS } from "./all.ts";
import { type Entry, lineOf } from "./peer_entry.ts";
import { machineLine, machineWith } from "./peer_machine.ts";
import { BACKENDS } from "./training/training_comparison.ts";

/** glibc's allocator keeps what it has; PyTorch's OpenMP threads do not spin. */
const ENVIRONMENT = {
  MALLOC_MMAP_THRESHOLD_: String(2 ** 32),
  MALLOC_TRIM_THRESHOLD_: String(2 ** 33),
  MALLOC_TOP_PAD_: String(2 ** 28),
  OMP_WAIT_POLICY: "PASSIVE",
};

if (import.meta.main) {
  const { only, backend, runs, json } = argumentsOf(Deno.args);
  const isWanted = (name: string) =>
    only.length === 0 || only.some((one) => name === one || name.startsWith(`${one}/`));
  for (const [name, value] of Object.entries(ENVIRONMENT)) Deno.env.set(name, value);
  const comparisons = COMPARISONS.filter((one) => one.names.some(isWanted));
  let versions = {};
  for (const comparison of comparisons) versions = { ...versions, ...await comparison.versions() };
  const machine = machineWith(versions);
  const entries: Entry[] = [];
  const options = { wanted: isWanted, runs, backend, notice: console.error };
  for (const comparison of comparisons) {
    try {
      for await (const entry of comparison.run(options)) {
        entries.push(entry);
        if (json) console.error(lineOf(entry));
        else console.log(lineOf(entry));
      }
    } catch (error) { // the others took minutes
      console.error(`Left out ${comparison.names.join(", ")}: ${(error as Error).message}`);
      Deno.exitCode = 1;
    }
  }
  if (json) console.log(JSON.stringify({ machine, entries }, null, 2));
  else console.log(machineLine(machine));
}

/** @throws {Error} that names what was given and what could be */
function argumentsOf(args: readonly string[]) {
  const { only, backend, runs, json } = parseArgs([...args], {
    string: ["only", "backend", "runs"],
    boolean: ["json"],
    collect: ["only"],
    default: { runs: "3" },
    unknown: (given) => {
      throw new Error(
        `Cannot compare: unknown "${given}", expected --only NAME, --backend B, --runs N or --json`,
      );
    },
  });
  const backends = BACKENDS.map((one) => one.backend);
  if (backend !== undefined && !backends.includes(backend)) {
    throw new Error(`Cannot compare backend "${backend}": expected one of ${backends.join(", ")}`);
  }
  return { only: only as readonly string[], backend, runs: Number(runs), json };
}
