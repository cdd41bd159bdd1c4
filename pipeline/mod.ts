/**
 * A stage engine: runs a typed graph of stages, each in its own sandboxed process, and repeats only what a
 * change can affect. A workflow describes itself as a {@linkcode Pipeline} and calls {@linkcode main}.
 *
 * @module
 */
export { main } from "./cli/main.ts";

export type { Author, Citation, Reference } from "./archive_policy.ts";
export type { ArchivePolicy, Aside, Derived } from "./archive_policy.ts";
export type { Backend, Choice, DeviceWatch, Seen } from "./backend.ts";
export type { Flag, Flags, ParsedFlags } from "./workflow.ts";
export { checkedTasks, type EngineOptions } from "./plan/engine.ts";
export { UsageError } from "./base/errors.ts";
export type { Basis } from "./plan/estimate.ts";
export { said } from "./base/user_paths.ts";
export type { Task } from "./stage.ts";
export { withUpstream } from "./tasks/graph.ts";
export { freshArtifacts } from "./plan/plan.ts";
export { suggestion } from "./base/suggestion.ts";
export { begins, openOutput, type Output } from "./base/output_file.ts";
export { type Outlook, outlookOf, type OutlookOptions, type Prospect, type Timed } from "./plan/outlook.ts";
export { isRecord } from "./tasks/override.ts";
export { parseParameters, type Place } from "./tasks/parse_parameters.ts";
export { loadProfile, type Profile, type ProfileOptions } from "./tasks/profile.ts";
export { type ProfileParts, profileSchema } from "./tasks/profile_schema.ts";
export type { Command, Pipeline, ProfileData, Sweep } from "./workflow.ts";
export {
  type AnyStage,
  type Artifact,
  type Context,
  defineStage,
  type Digest,
  type Estimate,
  type EstimateContext,
  type Every,
  every,
  type Hint,
  type Inputs,
  type Json,
  type Key,
  type Outside,
  type Point,
  type Run,
  type SourcesOf,
  type Stage,
  type StageOf,
} from "./stage.ts";
