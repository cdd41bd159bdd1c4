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
  isTiled,
  outputSize,
  type PairPlan,
  pairPlan,
  type TilePlan,
} from "./geometry.ts";
import type { Heap } from "./heap.ts";
import type { LayerForm } from "./pathway_task.ts";
import type { Tiling } from "./tiled_jobs.ts";

const MAKERS = { forward: forwardPlan, backward: backwardPlan, pairs: pairPlan };

/** `forward`: output from input; `backward`: gradient by the input; `pairs`: gradient by the weights. */
export type PlanKind = keyof typeof MAKERS;

/** A plan and what was its maker's word on the weights' layout. */
type Shelved = PlanAt & Pick<Plans, "taps" | "run">;

const FLOAT = 4; // bytes
const TILE = 3; // output pixels a side
const FEW_TILES = 60; // what they are transformed to stays in the second-level cache
const MANY_TILES = 240; // where weights do not: for every so many tiles they come from memory
const LARGE = 2 ** 14; // weights a tap

/** Every plan made so far: a training run needs a handful of shapes, so none is thrown away. */
export class PlanLibrary {
  readonly #heap: Heap;
  readonly #plans = new Map<string, Shelved>();
  readonly #shapes = new Map<string, number>();

  constructor(heap: Heap) {
    this.#heap = heap;
  }

  /** The plans for the blocks of a batch. */
  plans(kind: PlanKind, geometry: Geometry, { images, block }: Batch): Plans {
    const whole = this.#plan(kind, geometry, block);
    const rest = this.#plan(kind, geometry, images % block || block);
    return { whole, rest, taps: whole.taps, run: whole.run };
  }

  /** How a layer of a pathway convolves. */
  form(geometry: Geometry, batch: Batch): LayerForm {
    if (isTiled(geometry)) return { type: "tiled", ...this.#tiling(geometry) };
    const [forward, backward, pairs] = (["forward", "backward", "pairs"] as const)
      .map((kind) => this.plans(kind, geometry, batch));
    return { type: "planned", forward, backward, pairs };
  }

  #tiling(geometry: Geometry): Tiling {
    const { height, width, inputs, outputs } = geometry;
    const [tall, wide] = [height, width].map((size) => outputSize(size, geometry));
    const [down, across] = [tall, wide].map((size) => Math.ceil(size / TILE));
    const key = JSON.stringify(["tiles", height, width]);
    const shape = this.#shapes.get(key) ?? this.#heap.allocate(FLOAT * 5);
    this.#shapes.set(key, shape);
    this.#heap.words(shape, 5).set([height, width, tall, wide, across]);
    const capacity = inputs * outputs > LARGE ? MANY_TILES : FEW_TILES;
    return { shape, perImage: down * across, capacity };
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
