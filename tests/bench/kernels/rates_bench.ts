/**
 * The table of `deno task bench:kernels` for `deno task bench`. It is measured while the module loads, since Deno would
 * run a benchmark of a minute several times.
 *
 * @module
 */
import { formatted } from "../performance/marks.ts";
import { measureRates } from "./rates.ts";
import { kernelTable } from "./table.ts";

console.error(await formatted(kernelTable(await measureRates())));
