/**
 * `deno task bench:kernels`: how fast the kernels of the pathways are, layer by layer, beside the machine's ceiling. Takes
 * about a minute on idle cores. `--json` prints data, as docs/performance/kernels.json has them.
 *
 * @module
 */
import { parseArgs } from "@std/cli";
import { machineWith } from "../peers/peer_machine.ts";
import { formatted } from "../performance/marks.ts";
import { measureRates } from "./measured_rates.ts";
import { kernelTable } from "./rates_table.ts";

const { json, _: others, ...unknown } = parseArgs(Deno.args, { boolean: ["json"] });
const [stray] = [...others, ...Object.keys(unknown).map((name) => `--${name}`)];
if (stray !== undefined) {
  throw new Error(`Cannot measure kernels: unknown argument "${stray}", expected --json`);
}

const machine = machineWith({});
const rates = await measureRates({
  began: ({ cores }) => console.error(`measuring cores: ${cores}`),
});
console.log(json ? JSON.stringify({ machine, ...rates }, null, 2) : await formatted(kernelTable(rates)));
