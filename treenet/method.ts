/**
 * A training method: heads on top of the encoders, and a loss between the outputs of student and teacher for
 * the views of an image. Each file in `methods/` is one method, with its own settings, state and loss; the
 * loop around it ({@linkcode train}) is the same for all.
 *
 * A method couples only the views of one image, so that gradients of micro-batches add up to those of a
 * batch.
 *
 * @module
 */
import type { Scalar, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import type { z } from "zod";
import type { ViewCounts } from "./loss.ts";
import type { Weights } from "./nn/parameters.ts";
import type { Ops, ParameterSpec, Params } from "./nn/types.ts";

/** Default export of a file in `methods/`. */
// deno-lint-ignore no-explicit-any -- a method's settings are its own
export interface Method<Config = any> {
  /** Its fields in the profile's section `train`, beside those of every method. */
  readonly config: z.ZodObject & z.ZodType<Config>;
  /** Sizes its heads for an embedding of `size` features. */
  readonly build: (size: number, config: Config) => Objective;
  /** The first setting that does not fit the length of the run, if any. */
  readonly faultOf?: (config: Config, run: RunLength) => SettingFault | undefined;
}

/** Length of a run. */
export interface RunLength {
  readonly epochs: number;
  readonly steps: number;
}

/** A setting outside its range. */
export interface SettingFault {
  /** Path below `train`. */
  readonly field: string;
  readonly found: unknown;
  /** `less than 64, the steps of the run` */
  readonly expected: string;
}

/** A method with its sizes fixed. Names of parameters are relative to the head. */
export interface Objective {
  /** Heads that student and teacher both have. */
  readonly specs: readonly ParameterSpec[];
  /** Heads that the student alone has. */
  readonly studentSpecs: readonly ParameterSpec[];
  /** K of the teacher's distributions; absent where it has none. */
  readonly prototypes?: number;
  /** Losses that add up to the one that is minimised; the log has their mean. @default 1 */
  readonly losses?: number;
  /** Parameters that stay as they are during the first steps. */
  readonly freeze?: Freeze;
  /** The method's state before the first step: named arrays, which a run carries on and saves with its optimiser. */
  init(): Weights;
  /** The outputs [N, ·] of the layers of the heads that both have, in order; the last are those that the loss compares. */
  layers(embedded: Embedded, ops: Ops): Readonly<Record<string, Tensor2D>>;
  /** The student's targets, from the teacher's embeddings. No gradient flows back through them. */
  targets(teacher: Embedded, options: TargetOptions): Targets;
  /** Updates the state after a step, in place, by the batch means of {@linkcode Targets.follow}. */
  update(state: Weights, means: Weights): void;
}

/** Parameters that are not trained from the start. */
export interface Freeze {
  readonly parameters: readonly string[];
  /** Steps in which it stays as it is. */
  steps(stepsPerEpoch: number): number;
}

/** A network's embeddings of a batch, and its heads. */
export interface Embedded {
  /** Parameters of the heads. */
  readonly params: Params;
  /** [V·n, D], view by view; the teacher's views are the first of the student's. */
  readonly embeddings: Tensor2D;
  /** [V·n, m, D'], where there is more than one leaf. */
  readonly leaves?: Tensor3D;
}

/** Everything a method may use beside the teacher's embeddings. */
export interface TargetOptions {
  /** Steps done. */
  readonly step: number;
  /** The method's state, as tensors. */
  readonly state: Params;
  readonly counts: ViewCounts;
  readonly ops: Ops;
}

/** The student's task on a batch. */
export interface Targets {
  /** Σ over images and pairs of views of the student's loss; differentiable. */
  readonly loss: (student: Embedded) => Scalar;
  /**
   * Σ over images and teacher views of the entropy of the teacher's distributions, nats; absent where it has
   * no distributions.
   */
  readonly entropy?: Scalar;
  /**
   * Σ over images and teacher views of the quantities that the state follows, by name; absent for a method
   * without state.
   */
  readonly follow?: Params;
}
