/**
 * One subject of the comparison, and the tolerances it is held to.
 *
 * @module
 */
import type { Exported } from "./exchange.ts";

export interface Topic {
  /** Name of the script `checks/<name>.py`. */
  readonly name: string;
  /** The two sides of the comparison, in a sentence; heads its table. */
  readonly subject: string;
  /** Unit of a deviation. */
  readonly unit: string;
  /** Largest deviation that passes, by quantity; null for a number that is only reported. */
  readonly tolerances: Readonly<Record<string, number | null>>;
  readonly exported: () => Promise<Exported>;
}
