/**
 * `deno task setup:reference`: the Python of `deno task test:reference`, which otherwise makes it itself: several gigabytes
 * the first time, nothing when it is there.
 *
 * @module
 */
import { pythonWith } from "../fixtures/python.ts";
import { REQUIREMENTS } from "./exchange.ts";

const { bin } = await pythonWith(REQUIREMENTS);
console.log(`The reference's Python is in ${bin}`);
