/**
 * `deno task table:backends`: measures every backend that this machine has and writes the table of docs/backends.md.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { type Candidate, CANDIDATES, REFERENCE } from "./backends.ts";
import { allCases, type Arrays, type Case, deviation } from "./cases.ts";
import { runSteps } from "./step_processes.ts";
import { ownResult } from "../../tools/bench/peers/peer_processes.ts";

/** The document, and what encloses the table in it. */
export const DOCUMENT = new URL("../../docs/backends.md", import.meta.url);
export const MARKS = ["<!-- table: deno task table:backends -->", "<!-- end of table -->"] as const;

/** The table's head. */
export const COLUMNS = [
  "Backend",
  "Here",
  "Kernels of the hot operations",
  "Off the reference, operations",
  "Off the reference, models",
  "Images/s",
  "Same bits on every run",
  "Same bits on 1 and 2 threads",
] as const;

/** Runs that a rate is the median of: other work on the machine disturbs some of them. */
const RUNS = 5;

/** Cells of one backend's row. */
type Row = readonly string[];

if (import.meta.main) {
  const rows = await measureAll();
  const text = await Deno.readTextFile(DOCUMENT);
  const [before, after] = [text.indexOf(MARKS[0]) + MARKS[0].length, text.indexOf(MARKS[1])];
  const where = `Measured with Deno ${Deno.version.deno} on ${navigator.hardwareConcurrency} cores.`;
  const table = `\n\n${tableOf(rows)}\n\n${where}\n\n`;
  await Deno.writeTextFile(DOCUMENT, text.slice(0, before) + table + text.slice(after));
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", fileURLToPath(DOCUMENT)] }).output();
}

/** Rows as Markdown. */
export function tableOf(rows: readonly Row[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(COLUMNS), line(COLUMNS.map(() => "---")), ...rows.map(line)].join("\n");
}

async function measureAll(): Promise<readonly Row[]> {
  const cases = await allCases(), expected = new Map<Case, Arrays>();
  const rows: Row[] = [];
  for (const candidate of [REFERENCE, ...CANDIDATES]) {
    const { name, missing, kernels } = candidate;
    if (missing !== undefined) {
      rows.push([name, `no: ${missing}`, kernels, ...Array.from({ length: 5 }, () => "not measured")]);
      continue;
    }
    const ops = await candidate.open(2);
    const worst = { operations: 0, models: 0 };
    for (const one of cases) {
      const found = await one.compute(ops);
      if (candidate === REFERENCE) expected.set(one, found);
      const kind = one.model === undefined ? "operations" : "models";
      worst[kind] = Math.max(worst[kind], deviation(found, expected.get(one)!).worst);
    }
    ops.close();
    rows.push([
      name,
      "yes",
      kernels,
      candidate === REFERENCE ? "0, it is the reference" : worst.operations.toExponential(0),
      candidate === REFERENCE ? "0, it is the reference" : worst.models.toExponential(0),
      await rateOf(candidate),
      ...await determinismOf(candidate),
    ]);
  }
  return rows;
}

async function determinismOf({ name }: Candidate): Promise<readonly [string, string]> {
  const digest = async (cores: number) => (await runSteps(name, { cores, steps: 20 })).digest;
  const first = await digest(2), say = (same: boolean) => same ? "yes" : "no";
  return [say(await digest(2) === first), say(await digest(1) === first)];
}

/** Training of the cpu profile's DenseJoin with a smaller batch; the reference, which takes a minute a step, once. */
async function rateOf(candidate: Candidate): Promise<string> {
  const rates: number[] = [];
  for (let run = 0; run < (candidate === REFERENCE ? 1 : RUNS); run++) rates.push(await oneRate(candidate));
  return String(rates.sort((a, b) => a - b)[rates.length >> 1]);
}

async function oneRate({ name }: Candidate): Promise<number> {
  const { imagesPerSecond } = await ownResult(new URL("../../tools/bench/training.ts", import.meta.url), {
    ...{ backend: name, architecture: '{"leaves":8,"strides":[2,1,1,2,1]}', locals: 0 },
    ...name === REFERENCE.name ? { batch: 4, steps: 1 } : { batch: 64, steps: 5 },
  });
  return imagesPerSecond;
}
