/**
 * The most that a core can do: multiplications and additions of four floats at once, in registers, on
 * independent chains. The module of one loop is written as bytes, since a worker that imports a compiler
 * loses messages (rate_worker.ts).
 *
 * @module
 */

/** Chains to try: fewer leave the pipes waiting for a sum's last addition, more do not fit the registers. */
export const CHAINS = [8, 12, 16] as const;
/** Multiplications and additions of a chain in a turn of the loop. */
export const UNROLLED = 8;

const I32 = 0x7f, F32 = 0x7d, V128 = 0x7b; // types
const [TURNS, A, B, X, Y, FIRST] = [0, 1, 2, 3, 4, 5]; // variables: three parameters, two operands, then the chains
const ADD = vector(0xe4), MULTIPLY = vector(0xe6), SPLAT = vector(0x13);
const FIRST_LANE = [...vector(0x1f), 0];
const END = 0x0b;

/** A function of `turns`: runs the loop and returns a lane of the sum of all chains, with a = ½ and b = 1. */
export type Ceiling = (turns: number) => number;

/** Floating-point operations of a turn. */
export function flopOfTurn(chains: number): number {
  return 2 * 4 * chains * UNROLLED;
}

/** chain ← chain · a + b; chain i starts as a + i · b. */
export function ceiling(chains: number): Ceiling {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes(chains)));
  const run = exports.run as (turns: number, a: number, b: number) => number;
  return (turns) => run(turns, 0.5, 1);
}

function bytes(chains: number): Uint8Array<ArrayBuffer> {
  const all = Array.from({ length: chains }, (_, i) => FIRST + i);
  const step = (chain: number) => [...get(chain), ...get(X), ...MULTIPLY, ...get(Y), ...ADD, ...set(chain)];
  const code = [
    ...[1, ...unsigned(2 + chains), V128],
    ...[...get(A), ...SPLAT, ...set(X), ...get(B), ...SPLAT, ...set(Y)],
    ...[...get(X), ...set(FIRST)],
    ...all.slice(1).flatMap((chain) => [...get(chain - 1), ...get(Y), ...ADD, ...set(chain)]),
    ...[0x03, 0x40], // loop
    ...Array.from({ length: UNROLLED }, () => all.flatMap(step)).flat(),
    ...[...get(TURNS), 0x41, 1, 0x6b, 0x22, TURNS, 0x0d, 0], // while (--turns)
    END,
    ...get(FIRST),
    ...all.slice(1).flatMap((chain) => [...get(chain), ...ADD]),
    ...[...FIRST_LANE, END],
  ];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 3, I32, F32, F32, 1, F32]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...sized([...new TextEncoder().encode("run")]), 0, 0]),
    ...section(10, [1, ...sized(code)]),
  ]);
}

function get(variable: number): number[] {
  return [0x20, ...unsigned(variable)];
}

function set(variable: number): number[] {
  return [0x21, ...unsigned(variable)];
}

function vector(operation: number): number[] {
  return [0xfd, ...unsigned(operation)];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...sized(content)];
}

function sized(content: readonly number[]): number[] {
  return [...unsigned(content.length), ...content];
}

/** LEB128. */
function unsigned(n: number): number[] {
  return n < 128 ? [n] : [128 | n & 127, ...unsigned(n >>> 7)];
}
