/**
 * The contract of a workflow: the composition root exports a {@linkcode Pipeline}, and is the only place that
 * knows both the engine and the stages.
 *
 * @module
 */
import type { z } from "zod";
import type { AnyStage, Artifact, Json, Point, Task } from "./stage.ts";
import type { ArchivePolicy } from "./archive_policy.ts";
import type { Backend, Choice } from "./backend.ts";

/** A profile's JSON, before the stages parse their sections. */
export type ProfileData = { readonly [key: string]: Json };

/** One flag. */
export interface Flag {
  /** `list` may be repeated; a `path` is the user's, meant from where the user stands. */
  readonly type: "text" | "path" | "switch" | "list";
  /** Placeholder of the value in the help: `P`. */
  readonly value?: string;
  /** Values that a `text` flag may have; any where absent. */
  readonly choices?: readonly string[];
  /** Values of a `path` flag that are no paths: `npm`. */
  readonly words?: readonly string[];
  /** Description of the flag, for `--help`. */
  readonly help: string;
}

/** By name, without the dashes. */
export type Flags = Readonly<Record<string, Flag>>;

/** A parsed command line. */
export interface ParsedFlags {
  /** Positional arguments. */
  readonly names: readonly string[];
  /** Values of `text` and `path` flags; paths are absolute. */
  readonly text: Readonly<Record<string, string | undefined>>;
  /** `switch` flags: given or not. */
  readonly on: Readonly<Record<string, boolean>>;
  /** Values of `list` flags. */
  readonly lists: Readonly<Record<string, readonly string[]>>;
  /** As typed, for provenance, but without secrets in URLs. */
  readonly line: string;
  /** Absolute path of the folder where the user stands. */
  readonly here: string;
}

/** A command of `deno task`: the engine's, or the workflow's own. */
export interface Command {
  /** One line, for `--help`. */
  readonly summary: string;
  /** More lines for its own `--help`. */
  readonly details?: readonly string[];
  /** Meaning of its exit codes. @default 0 done, 1 failed, 2 bad usage */
  readonly exits?: string;
  /** Its positional arguments; none where absent. */
  readonly names?: {
    readonly usage: string;
    readonly least: number;
    readonly most: number;
    /** They are the user's files. @default false */
    readonly paths?: boolean;
  };
  /** Flags it understands, `--help` aside. */
  readonly flags: Flags;
  /** Flags that depend on the stages of a profile. */
  readonly moreFlags?: (pipeline: Pipeline, profile: string) => Promise<Flags>;
  /** Returns the exit code: 0 done, 1 failed. Bad usage is a UsageError, which becomes 2. */
  readonly run: (pipeline: Pipeline, args: ParsedFlags) => Promise<number>;
}

/** A field of a profile, and the values of each of which there is to be a variant. */
export interface Sweep {
  /** Path with dots: `train.method`. */
  readonly field: string;
  /** At least one, all different. */
  readonly values: readonly Json[];
}

/** A workflow. */
export interface Pipeline {
  /** Absolute path of the repository. */
  readonly root: string;
  /** Path of the composition root in the repository, `/`-separated: the module that is started. */
  readonly module: string;
  /** Names, omissions and texts of its archives; without it no archive can be made. */
  readonly archive?: ArchivePolicy;
  /** The fields of a profile that are not a stage's section; every other field names a stage. */
  readonly header: z.ZodObject;
  /** Names of the stages there are, for messages about a misspelt one. */
  readonly stages: () => readonly string[];
  /** A stage by name. */
  readonly load: (name: string) => Promise<AnyStage>;
  /** Values of every axis, in order. */
  readonly axes: (profile: ProfileData) => Readonly<Record<string, readonly (string | number)[]>>;
  /** Points of the axes at which a stage has no task. @default none */
  readonly leavesOut?: (profile: ProfileData) => (stage: AnyStage, point: Point) => boolean;
  /** A stage's section at a point, and its path for messages. @default the profile's own section of that name */
  readonly section?: (
    profile: ProfileData,
    stage: AnyStage,
    point: Point,
  ) => { readonly value: Json | undefined; readonly path: string };
  /**
   * Expands a profile over all combinations of values; further fields may say which task has which. Throws a UsageError
   * for a field that no variant can have a value of. @default no field can be swept
   */
  readonly sweep?: (profile: ProfileData, sweeps: readonly Sweep[]) => Promise<ProfileData>;
  /** Axes along which a task takes as long whatever the value, such as seeds: one run tells of the others. @default none */
  readonly replicates?: readonly string[];
  /** Facts that take loading to find out, such as the sizes of a profile's models, for `extras`. */
  readonly facts?: (profile: ProfileData, name: string) => Promise<unknown>;
  /**
   * Values that a task receives beside its section of the profile and its point. `upstream` holds the parsed
   * parameters of every upstream task, by task id.
   */
  readonly extras: (
    stage: AnyStage,
    point: Point,
    from: {
      readonly profile: ProfileData;
      readonly name: string;
      readonly facts: unknown;
      readonly upstream: Readonly<Record<string, Json>>;
    },
  ) => { readonly [key: string]: Json };
  /** Refuses settings that no stage's schema covers; called whenever a profile is read. Throws a UsageError. */
  readonly check: (
    tasks: readonly Task[],
    profile: { readonly name: string; readonly facts: unknown },
  ) => void;
  /** Says in words why an artifact does not do for a run; it fails, and the tasks that read it are skipped. */
  readonly refuses?: (
    task: Task,
    artifact: Artifact,
    tasks: readonly Task[],
  ) => Promise<string | undefined>;
  /** JSON schema of a profile. */
  readonly schema: () => Promise<Json>;
  /** Numeric backends, the default one first. */
  readonly backends: readonly string[];
  /** One of them, as this machine has it. Throws an Error that names the next step where it is not set up. */
  readonly backend: (name: string) => Promise<Backend>;
  /** The best that this machine has, for `--backend auto`; the default one where absent. */
  readonly best?: () => Promise<Choice>;
  /** Commands beside the engine's. */
  readonly commands: Readonly<Record<string, () => Promise<Command>>>;
}
