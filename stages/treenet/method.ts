/**
 * What a training method is: heads on top of the encoders, and a loss between what student and teacher make of the views
 * of an image. One file a method in `methods/`; the loop around it ({@linkcode train}) is the same for all.
 *
 * A method couples the views of one image and nothing else, so that gradients of micro-batches add up to those of a batch.
 *
 * @module
 */
import type { Scalar, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import type { HeadConfig } from "./head.ts";
import type { Temperatures } from "./loss.ts";
import type { Ops, ParameterSpec, Params } from "./types.ts";

/** What a file in `methods/` exports as `default`. */
export interface Method {
  /** Sizes its heads for an embedding of `size` features. */
  readonly build: (size: number, config: HeadConfig) => Objective;
}

/** A method with its sizes fixed. Names of parameters are relative to the head. */
export interface Objective {
  /** Heads that student and teacher both have. */
  readonly specs: readonly ParameterSpec[];
  /** Heads that the student alone has. */
  readonly studentSpecs: readonly ParameterSpec[];
  /** The parameter that stays as it is during the first steps, where there is one. */
  readonly frozen?: string;
  /** K, length of the centre that the teacher's outputs are taken relative to; 0 for a method without one. */
  readonly centreSize: number;
  /** Asks the teacher. Nothing flows back through it. */
  teach(teacher: Embedded, options: LessonOptions): Lesson;
}

/** What a network made of its views, and the heads to go on with. */
export interface Embedded {
  /** Of the heads. */
  readonly params: Params;
  /** [V·n, D], view by view; the teacher's views are the first of the student's. */
  readonly embeddings: Tensor2D;
}

/** How many views there are of an image. */
export interface ViewCounts {
  /** G: the teacher's, and the first of the student's. */
  readonly globals: number;
  /** L: those the student alone sees. */
  readonly locals: number;
}

/** Settings, of which a method takes what it needs. */
export interface LessonOptions {
  readonly counts: ViewCounts;
  readonly temperatures: Temperatures;
  /** [centreSize] */
  readonly centre: Tensor1D;
  readonly ops: Ops;
}

/** What the teacher says of a batch. */
export interface Lesson {
  /** Σ over images and {@linkcode pairs} of views of the student's loss; differentiable. */
  readonly loss: (student: Embedded) => Scalar;
  /** Σ over images and teacher views of the entropy of what the teacher says, nats; for methods with distributions. */
  readonly entropy?: Scalar;
  /** [1, centreSize]: Σ over images and teacher views of what the centre is the mean of; for methods with a centre. */
  readonly outputs?: Tensor2D;
}

/** Pairs of different views, a teacher's and a student's, that a loss averages over for one image. */
export function pairs({ globals, locals }: ViewCounts): number {
  return globals * (globals + locals - 1);
}
