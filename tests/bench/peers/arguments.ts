/**
 * The command line of `deno task bench:peers`.
 *
 * @module
 */
import { parseArgs } from "@std/cli";

/** What was asked for. */
export interface Arguments {
  /** Beginnings of the names to compare; none for all. */
  readonly only: readonly string[];
  readonly backend?: string;
  /** Of either side, by turns. */
  readonly runs: number;
  readonly json: boolean;
}

/** What there is to ask for. */
export interface Offer {
  readonly names: readonly string[];
  readonly backends: readonly string[];
}

/** @throws {Error} that names what was given and what could be */
export function parseArguments(args: readonly string[], { names, backends }: Offer): Arguments {
  const { _, only: asked, backend, runs, json, ...others } = parseArgs([...args], {
    string: ["only", "backend", "runs"],
    boolean: ["json"],
    collect: ["only"],
    default: { runs: "3" },
  });
  const [unknown] = [..._.map(String), ...Object.keys(others).map((name) => `--${name}`)];
  if (unknown !== undefined) {
    throw new Error(
      `Cannot compare: unknown argument "${unknown}", expected --only NAME, --backend B, --runs N or --json`,
    );
  }
  const only = asked as readonly string[];
  const missing = only.find((one) => !names.some(wanted([one])));
  if (missing !== undefined) {
    throw new Error(`Cannot compare "${missing}": no name starts so, expected one of ${names.join(", ")}`);
  }
  if (backend !== undefined && !backends.includes(backend)) {
    throw new Error(
      `Cannot compare backend "${backend}": it is not here, expected one of ${backends.join(", ")}`,
    );
  }
  if (!/^[1-9]\d*$/.test(runs)) {
    throw new Error(`Cannot compare: --runs is "${runs}", expected a whole number of at least 1`);
  }
  return { only, backend, runs: Number(runs), json };
}

/** A name is asked for by its beginning, whole words of it: `rerun` and `rerun/no-op`, not `rer`. */
export function wanted(only: readonly string[]): (name: string) => boolean {
  return (name) => only.length === 0 || only.some((one) => name === one || name.startsWith(`${one}/`));
}
