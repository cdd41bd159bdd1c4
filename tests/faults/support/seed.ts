/**
 * Chance that can be had again: `deno task test:faults --seed N` repeats a run's choices.
 *
 * @module
 */

/** Printed by every file of fault tests. */
export const SEED: number = chosen() ?? crypto.getRandomValues(new Uint32Array(1))[0];

function chosen(): number | undefined {
  const at = Deno.args.indexOf("--seed");
  const text = at < 0 ? Deno.env.get("FAULT_SEED") : Deno.args[at + 1];
  return text === undefined || text === "" ? undefined : Number(text);
}

/** Mulberry32, with a stream of its own for every name. */
export class Chance {
  #state: number;

  constructor(name: string) {
    this.#state = [...name].reduce((hash, char) => Math.imul(hash, 31) + char.charCodeAt(0) | 0, SEED);
  }

  /** In [0, 1). */
  next(): number {
    this.#state = this.#state + 0x6D2B79F5 | 0;
    let mixed = Math.imul(this.#state ^ this.#state >>> 15, 1 | this.#state);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
  }

  /** A whole number in [0, n). */
  below(n: number): number {
    return Math.floor(n * this.next());
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)];
  }
}
