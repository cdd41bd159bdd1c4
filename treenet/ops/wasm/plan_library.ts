/**
 * Plans in shared memory; each shape's plan is made once.
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
} from "../geometry.ts";
import type { Heap } from "./heap.ts";
import type { LayerForm } from "./threads/pathway_task.ts";
import type { Tiling } from "./threads/tiled_jobs.ts";

const MAKERS = { forward: forwardPlan, backward: backwardPlan, pairs: pairPlan };

/** `forward`: output from input; `backward`: gradient by the input; `pairs`: gradient by the weights. */
export type PlanKind = keyof typeof MAKERS;

/** A plan with the layout of the packed weights that it expects. */
type Shelved = PlanAt & Pick<Plans, "taps" | "run">;

const FLOAT = 4; // bytes
const TILE = 3; // output pixels a side
const FEW_TILES = 60; // few enough that their transforms stay in the second-level cache
const MANY_TILES = 240; // for weights too large for that cache, which come from memory once a group of tiles
const LARGE = 2 ** 14; // weights of one tap

/** All plans made so far. A training run needs few shapes, so no plan is removed. */
export class PlanLibrary {
  readonly #heap: Heap;
  readonly #plans = new Map<string, Shelved>();
  readonly #shapes = new Map<string, number>();

  constructor(heap: Heap) {
    this.#heap = heap;
  }

  /** Returns the plans for the blocks of a batch. */
  plans(kind: PlanKind, geometry: Geometry, { images, block }: Batch): Plans {
    const whole = this.#plan(kind, geometry, block);
    const rest = this.#plan(kind, geometry, images % block || block);
    return { whole, rest, taps: whole.taps, run: whole.run };
  }

  /** Returns the form of a pathway layer's convolution. */
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
