/**
 * The machine of a measurement.
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
  /** Cores that others kept busy in the second before the measurements began. */
  readonly busy: number;
  /** ISO 8601, UTC. */
  readonly date: string;
  /** Versions of every peer, by name. */
  readonly versions: Readonly<Record<string, string>>;
}

/** This machine, now. */
export function machineWith(versions: Machine["versions"]): Machine {
  return {
    cpu: os.cpus()[0].model.trim(),
    cores: navigator.hardwareConcurrency,
    os: `${os.type()} ${os.arch()}`,
    deno: Deno.version.deno,
    busy: Number(busyCores(1000).toFixed(2)),
    date: new Date().toISOString().slice(0, 10),
    versions,
  };
}

/** Cores that were busy, mean over so many ms, in which this thread sleeps. */
function busyCores(ms: number): number {
  const idle = () => os.cpus().reduce((sum, { times }) => sum + times.idle, 0);
  const all = () =>
    os.cpus().flatMap(({ times }) => Object.values(times)).reduce((sum, time) => sum + time, 0);
  const before = { idle: idle(), all: all() };
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  const share = (idle() - before.idle) / (all() - before.all);
  return navigator.hardwareConcurrency * Math.max(0, 1 - share);
}

/** For a terminal. */
export function machineLine({ cpu, cores, os, deno, busy, versions }: Machine): string {
  const peers = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [`${cpu}, ${cores} cores, ${os}, ${busy} of them busy before`, `Deno ${deno}`, ...peers].join("; ");
}
