/**
 * The measurements that docs/performance.md is made of, as the benchmarks print them.
 *
 * @module
 */
import { z } from "zod";

/** The folder of the measurements. */
export const FOLDER = new URL("../../../docs/performance/", import.meta.url);

const positive = z.number().positive();
const machine = z.object({
  cpu: z.string(),
  cores: z.int().positive(),
  deno: z.string(),
  os: z.string().optional(),
  busy: z.number().optional(),
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
  steps: z.array(z.object({
    name: z.string(),
    backend: z.string(),
    cores: z.int().positive(),
    msPerStep: positive,
  })),
});

const kernels = z.object({
  machine,
  ceilings: z.array(z.object({ cores: z.int().positive(), gflops: positive, chains: z.int().positive() }))
    .min(1),
  layers: z.array(z.object({
    cores: z.int().positive(),
    profile: z.string(),
    layer: z.int().positive(),
    inputs: z.int().positive(),
    outputs: z.int().positive(),
    from: z.int().positive(),
    to: z.int().positive(),
    form: z.enum(["planned", "tiled"]),
    part: z.templateLiteral([z.enum(["", "products of "]), z.enum(["forward", "dX", "dW"])]),
    gflops: positive,
    executed: positive,
    ofCeiling: positive,
  })).min(1),
});

/** The output of `deno task bench:peers --json`. */
export type Peers = z.infer<typeof peers>;
/** The output of `tools/bench/scaling.ts`. */
export type Scaling = z.infer<typeof scaling>;
/** The output of `deno task bench:kernels --json`. */
export type Kernels = z.infer<typeof kernels>;
export type Machine = Peers["machine"];
export type Point = Scaling["points"][number];
export type TimedStep = Scaling["steps"][number];

/** All measurements. */
export interface Measurements {
  readonly peers: Peers;
  readonly scaling: Scaling;
  readonly kernels: Kernels;
}

/** @throws {z.ZodError} with the path of what is wrong */
export async function readMeasurements(): Promise<Measurements> {
  const read = async (name: string) => JSON.parse(await Deno.readTextFile(new URL(`${name}.json`, FOLDER)));
  return {
    peers: peers.parse(await read("peers")),
    scaling: scaling.parse(await read("scaling")),
    kernels: kernels.parse(await read("kernels")),
  };
}
