/**
 * Rules about settings that are fine one by one and not together. They are no part of any stage's code: what they refuse
 * never runs, so that a new one makes no result stale.
 *
 * @module
 */
import type { AugmentCacheParams } from "../augment_cache/params.ts";
import type { EmaTeacherParams } from "../ema_teacher/params.ts";
import type { Encoder } from "../treenet/types.ts";

/** Stages whose settings others depend on. */
export interface Upstream {
  readonly "augment-cache": AugmentCacheParams;
  readonly "ema-teacher": EmaTeacherParams;
}

/** A model of the profile, built without a weight. */
export interface Network {
  readonly encoder: Encoder;
  /** Its section of the profile, parsed. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly control: boolean;
}

/** What a rule may look at beside a task's own parameters. */
export interface Known {
  /** Parameters of a stage that the task reads, directly or not. */
  readonly of: <Name extends keyof Upstream>(stage: Name) => Upstream[Name];
  /** By the name of the model. */
  readonly networks: Readonly<Record<string, Network>>;
}

/** Field, value and range of a setting that does not go with the others. */
export interface Fault {
  /** `train.warmupSteps` */
  readonly field: string;
  readonly found: unknown;
  /** `less than 64, the steps of the run` */
  readonly expected: string;
}

/** Says what is wrong with a task's parameters, if anything. A rule may rely on those before it in its list. */
export type Rule<Params> = (params: Params, known: Known) => Fault | undefined;

/** A bound that another setting puts on a field. */
export interface Bound {
  readonly field: string;
  readonly found: number;
  /** What the bound is: `augment-cache.images`. */
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
