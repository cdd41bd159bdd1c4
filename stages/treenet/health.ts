/**
 * Tells a sick run from a healthy one: numbers that are not finite, and representations that have collapsed.
 *
 * Collapse, in DINO, shows in two ways (Caron et al., 2021, section 5.3): the teacher says the same of every image, or
 * says nothing. Either way the student predicts it without effort, so the divergence KL(p ‖ q) vanishes. The rule,
 * applied after warm-up to a window of {@linkcode WINDOW} steps, each of which must satisfy it:
 *
 *     KL < 10⁻⁴ ln K   and   (entropy > 0.9999 ln K   or   entropy < 10⁻⁴ ln K),      or
 *     feature SD < 10⁻⁴
 *
 * A new run satisfies the first line for some tens of steps, before it learns: hence the window.
 *
 * @module
 */

/** What one step is judged by. */
export interface Vitals {
  readonly loss: number;
  /** Mean entropy of the teacher's distributions, nats. */
  readonly teacherEntropy: number;
  /** Mean divergence of the student's distributions from the teacher's, nats. */
  readonly kl: number;
  /** See {@linkcode featureSd}. */
  readonly featureSd: number;
}

/** What is wrong, in words that complete "the run has …". */
export type Illness = { readonly type: "not-finite" | "collapsed"; readonly found: string };

/** Steps that must all look collapsed. */
export const WINDOW = 500;

const VANISHING = 1e-4;

/** @returns what is not finite, if anything */
export function findNotFinite(
  vitals: Vitals,
  gradientNorms: ReadonlyMap<string, number>,
): Illness | undefined {
  if (!Number.isFinite(vitals.loss)) return { type: "not-finite", found: `loss is ${vitals.loss}` };
  for (const [name, norm] of gradientNorms) {
    if (!Number.isFinite(norm)) {
      return { type: "not-finite", found: `the gradient of ${name} has norm ${norm}` };
    }
  }
}

/** @param window the last {@linkcode WINDOW} steps; fewer are never judged */
export function findCollapse(window: readonly Vitals[], prototypes: number): Illness | undefined {
  if (window.length < WINDOW) return undefined;
  const most = Math.log(prototypes);
  const last = window[window.length - 1];
  if (window.every((vitals) => vitals.featureSd < VANISHING)) {
    return {
      type: "collapsed",
      found: `feature SD is ${last.featureSd}: every image has the same embedding`,
    };
  }
  if (window.every((vitals) => saysNothing(vitals, most))) {
    return {
      type: "collapsed",
      found: `teacher entropy is ${last.teacherEntropy} of at most ${most} nats with a KL of ${last.kl}`,
    };
  }
}

function saysNothing({ kl, teacherEntropy }: Vitals, most: number): boolean {
  const pinned = teacherEntropy > (1 - VANISHING) * most || teacherEntropy < VANISHING * most;
  return pinned && kl < VANISHING * most;
}

/**
 * Spread of the embeddings' directions (Chen and He, 2021): the standard deviation over rows of each l2-normalised
 * feature, averaged over features, times √D. 1: as spread out as can be; 0: one direction. `rows` [n, D].
 */
export function featureSd(rows: Float32Array, size: number): number {
  const n = rows.length / size;
  const [sums, squares] = [new Float64Array(size), new Float64Array(size)];
  for (let row = 0; row < n; row++) {
    const at = row * size;
    const inverse = 1 / Math.max(norm(rows.subarray(at, at + size)), 1e-12);
    for (let d = 0; d < size; d++) {
      const value = rows[at + d] * inverse;
      sums[d] += value;
      squares[d] += value * value;
    }
  }
  let total = 0;
  for (let d = 0; d < size; d++) total += Math.sqrt(Math.max(squares[d] / n - (sums[d] / n) ** 2, 0));
  return total / Math.sqrt(size);
}

function norm(x: Float32Array): number {
  let squares = 0;
  for (let i = 0; i < x.length; i++) squares += x[i] * x[i];
  return Math.sqrt(squares);
}
