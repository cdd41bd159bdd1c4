/**
 * How long a job takes, from short runs of smaller ones.
 *
 * @module
 */

/** What is timed. */
export interface Job {
  /** Does so many units of it. */
  readonly run: (units: number) => unknown;
  /** That the whole job has. */
  readonly units: number;
  /** Of the first run. @default 1 */
  readonly from?: number;
}

/** How it is timed. */
export interface Timing {
  /** Seconds that the runs may take, the first one apart. */
  readonly budget: number;
  /** Seconds since whenever. */
  readonly clock: () => number;
}

/** A run is so many times as large as the one before, or not worth its time. */
const GROWTH = 1.5;
/** Of the time of the largest run, what grows with its units at least: the rest, measured smaller, may be noise. */
const LEAST_GROWING = 0.6;

const MOST_RUNS = 4;

/** Runs beyond the budget: so many times as large as the first. */
const BEYOND = [2, 8];
/** Time grows with the units of a run where it takes so many times as long as the smaller one before. */
const GROWING = 1.5;
/** Seconds that a clock tells from none. */
const SHORTEST = 1e-4;

interface Timed {
  readonly units: number;
  readonly seconds: number;
}

/**
 * Seconds of the whole job. The first run is not counted, as it compiles and fills caches; after it runs grow until one is
 * the whole job or the budget is spent. The line through the last two is followed to the end.
 */
export async function extrapolate({ run, units, from = 1 }: Job, { budget, clock }: Timing): Promise<number> {
  const timed = async (size: number): Promise<Timed> => {
    const start = clock();
    await run(size);
    return { units: size, seconds: clock() - start };
  };
  const first = await timed(Math.min(from, units));
  if (first.seconds > budget) return onLine(await beyond(first, { timed, units }), units);
  let [before, last, left]: [Timed | undefined, Timed, number] = [undefined, first, budget];
  for (let size = first.units, run = 0; run < MOST_RUNS; run++) {
    const next = await timed(size);
    before = next.units > last.units ? last : before;
    last = next;
    left -= last.seconds;
    if (last.seconds > left) break;
    const reached = Math.min(units, Math.floor(size * left / Math.max(last.seconds, SHORTEST)));
    // The same again, where little more can be had: what is new is still being compiled.
    if (reached >= Math.min(units, GROWTH * size)) size = reached;
  }
  return onLine(before === undefined ? await beyond(last, { timed, units }) : [before, last], units);
}

/**
 * Of a job of which only the smallest run fits the budget: larger runs until time grows with them. Where most of the time
 * is what any run takes, as of a network with many weights, the smallest one says nothing of the whole.
 */
async function beyond(
  first: Timed,
  { timed, units }: { readonly timed: (size: number) => Promise<Timed>; readonly units: number },
): Promise<readonly Timed[]> {
  let [before, last] = [first, first];
  for (const times of BEYOND) {
    const size = Math.min(units, times * first.units);
    if (size === last.units) break;
    [before, last] = [last, await timed(size)];
    if (last.seconds > GROWING * before.seconds) break;
  }
  return before === last ? [last] : [before, last];
}

function onLine(runs: readonly Timed[], units: number): number {
  const last = runs[runs.length - 1], rate = last.seconds / last.units;
  if (runs.length === 1 || last.units === units) return rate * units;
  const [before] = runs;
  const slope = (last.seconds - before.seconds) / (last.units - before.units);
  const growing = Math.min(rate, Math.max(LEAST_GROWING * rate, slope));
  return last.seconds + growing * (units - last.units);
}
