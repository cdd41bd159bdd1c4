/**
 * The measurements that docs/performance.md is made of, as the benchmarks print them.
 *
 * @module
 */
import { z } from "zod";

/** Where they are kept. */
export const FOLDER = new URL("../../../docs/performance/", import.meta.url);

const positive = z.number().positive();
const machine = z.object({
  cpu: z.string(),
  cores: z.int().positive(),
  deno: z.string(),
  os: z.string().optional(),
  load: z.number().optional(),
  date: z.string().optional(),
  versions: z.record(z.string(), z.string()).default({}),
});
const runs = z.array(positive).min(1);

const peers = z.object({
  machine,
  entries: z.array(z.object({
    name: z.string(),
    backend: z.string(),
    mode: z.string(),
    ours: positive,
    peer: positive,
    ratio: positive,
    unit: z.enum(["images/s", "s"]),
    against: z.string(),
    note: z.string().optional(),
    runs: z.object({ ours: runs, peer: runs }),
  })).min(1),
});

const scaling = z.object({
  machine,
  points: z.array(z.object({
    backend: z.string().default("wasm"),
    /** Leaves. */
    m: z.int().positive(),
    batch: z.int().positive(),
    cores: z.int().positive(),
    msPerStep: positive,
  })).min(1),
});

/** What `deno task bench:peers --json` prints. */
export type Peers = z.infer<typeof peers>;
/** What `tests/bench/scaling.ts` prints. */
export type Scaling = z.infer<typeof scaling>;
export type Machine = Peers["machine"];
export type Point = Scaling["points"][number];

/** All measurements. */
export interface Measurements {
  readonly peers: Peers;
  readonly scaling: Scaling;
}

/** @throws {z.ZodError} with the path of what is wrong */
export async function readMeasurements(): Promise<Measurements> {
  const read = async (name: string) => JSON.parse(await Deno.readTextFile(new URL(`${name}.json`, FOLDER)));
  return { peers: peers.parse(await read("peers")), scaling: scaling.parse(await read("scaling")) };
}
