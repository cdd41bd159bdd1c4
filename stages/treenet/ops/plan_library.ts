/**
 * Plans in shared memory, made once a shape.
 *
 * @module
 */
import type { Batch, PlanAt, Plans } from "./batch.ts";
import {
  backwardPlan,
  forwardPlan,
  type Geometry,
  type PairPlan,
  pairPlan,
  type TilePlan,
} from "./geometry.ts";
import type { Heap } from "./heap.ts";

const MAKERS = { forward: forwardPlan, backward: backwardPlan, pairs: pairPlan };

/** `forward`: output from input; `backward`: gradient by the input; `pairs`: gradient by the weights. */
export type PlanKind = keyof typeof MAKERS;

/** A plan and what was its maker's word on the weights' layout. */
type Shelved = PlanAt & Pick<Plans, "taps" | "run">;

const FLOAT = 4; // bytes

/** Every plan made so far: a training run needs a handful of shapes, so none is thrown away. */
export class PlanLibrary {
  readonly #heap: Heap;
  readonly #plans = new Map<string, Shelved>();

  constructor(heap: Heap) {
    this.#heap = heap;
  }

  /** The plans for the blocks of a batch. */
  plans(kind: PlanKind, geometry: Geometry, { images, block }: Batch): Plans {
    const whole = this.#plan(kind, geometry, block);
    const rest = this.#plan(kind, geometry, images % block || block);
    return { whole, rest, taps: whole.taps, run: whole.run };
  }

  #plan(kind: PlanKind, geometry: Geometry, images: number): Shelved {
    const key = JSON.stringify([kind, geometry, images]);
    const known = this.#plans.get(key);
    if (known) return known;
    const plan: TilePlan | PairPlan = MAKERS[kind](geometry, images), { words, taps, run } = plan;
    const address = this.#heap.allocate(FLOAT * words.length);
    this.#heap.words(address, words.length).set(words);
    const shelved = { address, classes: (plan as Partial<TilePlan>).classes ?? 0, taps, run };
    this.#plans.set(key, shelved);
    return shelved;
  }
}
