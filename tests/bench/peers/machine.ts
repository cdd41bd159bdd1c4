/**
 * What the numbers were measured on.
 *
 * @module
 */
import os from "node:os";

/** Printed with every result. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly os: string;
  readonly deno: string;
  /** What else ran when the measurements began: processes that wanted a core, mean of a minute. */
  readonly load: number;
  /** ISO 8601, UTC. */
  readonly date: string;
  /** Of every peer, by name. */
  readonly versions: Readonly<Record<string, string>>;
}

/** This machine, now. */
export function machineWith(versions: Machine["versions"]): Machine {
  return {
    cpu: os.cpus()[0].model.trim(),
    cores: navigator.hardwareConcurrency,
    os: `${os.type()} ${os.arch()}`,
    deno: Deno.version.deno,
    load: Number(os.loadavg()[0].toFixed(2)),
    date: new Date().toISOString().slice(0, 10),
    versions,
  };
}

/** For a terminal. */
export function machineLine({ cpu, cores, os, deno, load, versions }: Machine): string {
  const peers = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [`${cpu}, ${cores} cores, ${os}, load ${load} before`, `Deno ${deno}`, ...peers].join("; ");
}
