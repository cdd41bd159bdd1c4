/**
 * Rules about settings that are valid one by one and not together. They are not part of any stage's code:
 * what they refuse never runs, so a new rule makes no result stale.
 *
 * @module
 */
import type { AugmentCacheParams } from "../../stages/augment_cache/params.ts";
import type { EmaTeacherParams } from "../../stages/ema_teacher/params.ts";
import type { Encoder } from "../../treenet/nn/types.ts";

/** Stages whose settings others depend on. */
export interface Upstream {
  readonly "augment-cache": AugmentCacheParams;
  readonly "ema-teacher": EmaTeacherParams;
}

/** A model of the profile, built without weights. */
export interface Network {
  readonly encoder: Encoder;
  /** Section of the profile, parsed. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly control: boolean;
}

/** Information for a rule beside the task's own parameters. */
export interface Known {
  /** Returns the parameters of a stage that the task reads, directly or not. */
  readonly of: <Name extends keyof Upstream>(stage: Name) => Upstream[Name];
  /** Networks by the name of the model. */
  readonly networks: Readonly<Record<string, Network>>;
}

/** A setting that does not fit the others: its field, its value and the range expected. */
export interface Fault {
  /** `train.warmupSteps` */
  readonly field: string;
  readonly found: unknown;
  /** `less than 64, the steps of the run` */
  readonly expected: string;
}

/** Returns the fault of a task's parameters, if any. A rule may rely on the rules before it in its list. */
export type Rule<Params> = (params: Params, known: Known) => Fault | undefined;

/** A bound that another setting puts on a field. */
export interface Bound {
  readonly field: string;
  readonly found: number;
  /** Name of the bound: `augment-cache.images`. */
  readonly why: string;
}

/** Refuses a number below `least`. */
export function atLeast(least: number, { field, found, why }: Bound): Fault | undefined {
  return found >= least ? undefined : { field, found, expected: `at least ${least}, ${why}` };
}

/** Refuses a number above `most`. */
export function atMost(most: number, { field, found, why }: Bound): Fault | undefined {
  return found <= most ? undefined : { field, found, expected: `at most ${most}, ${why}` };
}

/** Refuses a number that is not below `limit`. */
export function below(limit: number, { field, found, why }: Bound): Fault | undefined {
  return found < limit ? undefined : { field, found, expected: `less than ${limit}, ${why}` };
}
