/**
 * A stage engine: runs a typed graph of stages, each in its own sandboxed process, and runs again only what can have
 * changed. A workflow describes itself as a {@linkcode Pipeline} and hands it to {@linkcode main}.
 *
 * @module
 */
export { main } from "./cli/main.ts";

export type { Author, Citation, Reference } from "./archive/citation.ts";
export type { ArchivePolicy, Aside, Derived } from "./archive/policy.ts";
export type { Backend, Choice, DeviceWatch, Seen } from "./backend.ts";
export type { Flag, Flags, ParsedFlags } from "./cli/flags.ts";
export { checkedTasks, type EngineOptions } from "./engine.ts";
export { UsageError } from "./errors.ts";
export type { Basis } from "./events.ts";
export { said } from "./here.ts";
export { type Task, withUpstream } from "./graph.ts";
export { freshArtifacts } from "./lookup.ts";
export { suggestion } from "./nearest.ts";
export { begins, openOutput, type Output } from "./output.ts";
export { type Outlook, outlookOf, type OutlookOptions, type Prospect, type Timed } from "./outlook.ts";
export { parseParameters, type Place } from "./parameters.ts";
export { loadProfile, type Profile } from "./profile.ts";
export { type ProfileParts, profileSchema } from "./profile_schema.ts";
export type { Command, Pipeline, ProfileData } from "./pipeline.ts";
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
} from "./types.ts";
