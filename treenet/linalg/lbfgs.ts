/**
 * Limited-memory BFGS (Nocedal 1980) in float64 for smooth convex functions: the two-loop recursion over the
 * last steps, from an approximate inverse Hessian that the caller gives, and a line search for the weak Wolfe
 * conditions by bracketing and bisection (Lewis and Overton 2013). Without randomness and with one order of
 * summation, the same function and start give the same bits.
 *
 * @module
 */

/** A function and its gradient at one point. */
export interface Evaluation {
  readonly value: number;
  readonly gradient: Float64Array;
}

export interface MinimizeOptions {
  /** Point to start from. */
  readonly start: Float64Array;
  /** Approximate inverse Hessian times a vector; linear. @default identity */
  readonly precondition?: (v: Float64Array) => Float64Array;
  /** Stop when ‖gradient‖₂ is at most this. @default 1e-7 */
  readonly tolerance?: number;
  /** @default 1000 */
  readonly maxIterations?: number;
  /** Number of steps remembered. @default 10 */
  readonly memory?: number;
}

export interface Minimum {
  readonly x: Float64Array;
  readonly value: number;
  /** ‖gradient‖₂ at `x`. */
  readonly gradientNorm: number;
  readonly iterations: number;
  readonly converged: boolean;
}

interface Pair {
  readonly s: Float64Array;
  readonly y: Float64Array;
  /** y, preconditioned. */
  readonly py: Float64Array;
  readonly rho: number;
}

interface Point extends Evaluation {
  readonly x: Float64Array;
}

/** An accepted point. */
interface Visited extends Point {
  /** The preconditioned gradient, computed once a point because it costs as much as an evaluation. */
  readonly preconditioned: Float64Array;
}

/** Sufficient decrease and curvature, usual for quasi-Newton steps (Nocedal and Wright 2006, 3.1). */
const DECREASE = 1e-4;
const CURVATURE = 0.9;
/** Share of the value below which differences are rounding of long sums: near the minimum the slope alone decides. */
const ROUNDING = 1e-13;
/** Most bisections: 2⁻⁴⁰ of the first step is below the resolution of float64 here. */
const MAX_TRIALS = 40;

/**
 * Minimises `evaluate`.
 *
 * Returns the best point found when the gradient is small enough, when no step decreases the value any more
 * (the limit of float64), or after `maxIterations`; `converged` is true in the first case.
 */
export function minimize(evaluate: (x: Float64Array) => Evaluation, options: MinimizeOptions): Minimum {
  const { precondition = (v) => v.slice(), tolerance = 1e-7, maxIterations = 1000, memory = 10 } = options;
  const pairs: Pair[] = [];
  const visit = (point: Point): Visited => ({ ...point, preconditioned: precondition(point.gradient) });
  let here = visit({ x: options.start, ...evaluate(options.start) });
  let iterations = 0;
  while (norm(here.gradient) > tolerance && iterations < maxIterations) {
    const found = wolfe(evaluate, here, descent(here, pairs));
    if (found === undefined) break;
    const next = visit(found);
    remember(pairs, pairOf(here, next), memory);
    here = next;
    iterations++;
  }
  const gradientNorm = norm(here.gradient);
  return { x: here.x, value: here.value, gradientNorm, iterations, converged: gradientNorm <= tolerance };
}

/** −H·g, with H built from `pairs` on γ · precondition. */
function descent({ gradient, preconditioned }: Visited, pairs: readonly Pair[]): Float64Array {
  const q = gradient.slice(), r = preconditioned.slice();
  const alphas = new Float64Array(pairs.length);
  for (let i = pairs.length - 1; i >= 0; i--) {
    alphas[i] = pairs[i].rho * dot(pairs[i].s, q);
    addScaled(q, -alphas[i], pairs[i].y);
    addScaled(r, -alphas[i], pairs[i].py);
  }
  const last = pairs.at(-1);
  if (last !== undefined) scale(r, 1 / (last.rho * dot(last.y, last.py)));
  pairs.forEach(({ s, y, rho }, i) => addScaled(r, alphas[i] - rho * dot(y, r), s));
  return scale(r, -1);
}

/** A point along `direction` that satisfies the weak Wolfe conditions; undefined if rounding hides them. */
function wolfe(
  evaluate: (x: Float64Array) => Evaluation,
  from: Point,
  direction: Float64Array,
): Point | undefined {
  const slope = dot(from.gradient, direction);
  if (!(slope < 0)) return undefined;
  let [low, high, step] = [0, Infinity, 1];
  for (let trial = 0; trial < MAX_TRIALS; trial++) {
    const x = addScaled(from.x.slice(), step, direction);
    const there = { x, ...evaluate(x) };
    const enough = from.value + DECREASE * step * slope + ROUNDING * Math.abs(from.value);
    if (!(there.value <= enough)) high = step;
    else if (dot(there.gradient, direction) < CURVATURE * slope) low = step;
    else return there;
    step = high === Infinity ? 2 * low : (low + high) / 2;
  }
  return undefined;
}

function pairOf(from: Visited, to: Visited): Pair {
  const s = difference(to.x, from.x), y = difference(to.gradient, from.gradient);
  return { s, y, py: difference(to.preconditioned, from.preconditioned), rho: 1 / dot(s, y) };
}

function remember(pairs: Pair[], pair: Pair, memory: number): void {
  pairs.push(pair);
  if (pairs.length > memory) pairs.shift();
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function norm(a: Float64Array): number {
  return Math.sqrt(dot(a, a));
}

function difference(a: Float64Array, b: Float64Array): Float64Array {
  return addScaled(a.slice(), -1, b);
}

/** a += factor · b; returns a. */
function addScaled(a: Float64Array, factor: number, b: Float64Array): Float64Array {
  for (let i = 0; i < a.length; i++) a[i] += factor * b[i];
  return a;
}

function scale(a: Float64Array, factor: number): Float64Array {
  for (let i = 0; i < a.length; i++) a[i] *= factor;
  return a;
}
