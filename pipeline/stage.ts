/**
 * The nouns of the engine: what a stage declares, what it may touch, and what it leaves behind.
 *
 * A workflow is a graph of stages. A stage with axes is expanded into one task per point of those axes
 * (`train` with axes `model` and `seed` gives `train[dense-join,0]`). A task run once leaves an artifact:
 * files and a small `meta`, named by the digest of their contents and found again by its key.
 *
 * @module
 */
import type { z } from "zod";
import type { Digest, Json, Point } from "./base/json.ts";

export type { Digest, Json, Point };

/**
 * Everything that can change a task's output. Saved beside the artifact, so that a miss can be explained part by
 * part; each field says why it is in it.
 */
export interface Key {
  /** Another stage is another computation. */
  readonly stage: string;
  /** The stage's section of the profile, defaults resolved, with its axes: what it was asked to do. */
  readonly params: Json;
  /** `stage`, and the name of each module its parameters chose → digest of what that does with all it can reach. */
  readonly code: Readonly<Record<string, Digest>>;
  /** `name@version` → integrity, transitive, of the packages that code imports. */
  readonly packages: Readonly<Record<string, string>>;
  /** Input name (or `name task-id`) → digest of the artifact's contents. */
  readonly inputs: Readonly<Record<string, Digest>>;
  /**
   * The versions that determine rounding: backend with its library version, device, FMA mode, Deno version.
   * Empty for stages that compute no tensors. By default an artifact of any environment serves.
   */
  readonly environment: Readonly<Record<string, string>>;
}

/** A sealed output. */
export interface Artifact<Meta = Json> {
  /** Task id: `train[dense-join,0]`. */
  readonly task: string;
  /** Its point on the stage's axes. */
  readonly point: Point;
  /** SHA-256 of `files` and `meta`. */
  readonly digest: Digest;
  /** The key of the task that made it. */
  readonly key: Key;
  /** Path of each module it was made by → digest of its own text: for explanations, in no key and no digest. */
  readonly modules?: Readonly<Record<string, Digest>>;
  /** Absolute path of the folder that holds the files. */
  readonly dir: string;
  /** File name, relative to `dir`, `/`-separated → digest of its bytes. */
  readonly files: Readonly<Record<string, Digest>>;
  /** Small results; with the files, all that a later stage may quote. */
  readonly meta: Meta;
  /** Those of `files` that an archive left out and that are not in `dir`; absent where all are there. */
  readonly elsewhere?: readonly string[];
}

/** All that a stage may touch; tests pass their own. */
export interface Context {
  /** Empty staging folder, absolute: the stage writes its outputs here. */
  readonly out: string;
  /** Absolute folder that survives attempts with the same key: checkpoints. Only for stages that need `scratch`. */
  readonly scratch: string;
  /** Aborted when the run is stopped: save a checkpoint and throw. */
  readonly signal: AbortSignal;
  /** Cores it may keep busy. Results must not depend on it. */
  readonly cores: number;
  /** Name of the numeric backend: `wasm`. */
  readonly backend: string;
  /** Absolute path of the backend's native library, where it has one. */
  readonly library?: string;
  /** Facts that cannot change the output and are outside the key, such as where to fetch data from. */
  readonly hints: Readonly<Record<string, string>>;
  /** Namespaces of the modules the stage asked for in `modules`. */
  readonly modules: Readonly<Record<string, unknown>>;
  /** Reports work done, in the stage's own unit; `note` is shown beside the bar. */
  readonly progress: (done: number, total: number, note?: string) => void;
  /** Keeps a volatile fact (a rate, a source, a duration) in run.json, outside digest, key and meta. */
  readonly record: (name: string, value: Json) => void;
}

/**
 * The function that a stage's module exports as `run`: it reads the inputs, writes the outputs below
 * `context.out` and returns the meta. The task's process loads this module and nothing else of the stage.
 */
// deno-lint-ignore no-explicit-any
export type Run = (context: Context, params: any, inputs: any) => Promise<unknown>;

/** An upstream stage, all of whose tasks are wanted, whatever their point. */
// deno-lint-ignore no-explicit-any
export interface Every<Meta = any> {
  /** The stage. */
  // deno-lint-ignore no-explicit-any
  readonly every: Stage<Meta, any, any>;
  /** A profile may leave the stage out: then there are no tasks of it. @default false */
  readonly optional?: boolean;
}

/** Input name → the stage it comes from. */
export type Inputs = Readonly<Record<string, AnyStage | Every>>;

/** The stages whose artifacts a `run` takes: of a list of artifacts every task of the stage. */
export type SourcesOf<Artifacts> = {
  readonly [K in keyof Artifacts]: Artifacts[K] extends readonly Artifact<infer Meta>[] ? Every<Meta>
    // deno-lint-ignore no-explicit-any
    : Artifacts[K] extends Artifact<infer Meta> ? Stage<Meta, any, any>
    : never;
};

/** The cost of a task, as its stage declares it. */
export interface Estimate {
  /** Seconds on a machine of two cores, roughly; times of earlier runs are scaled by it. */
  readonly seconds?: number;
  /** The part of `seconds` that equal units take, such as images: one of them can be timed instead. */
  readonly units?: { readonly count: number; readonly seconds: number };
  /** Bytes written. */
  readonly disk?: number;
  /** Bytes resident. */
  readonly memory?: number;
}

/** Facts for an estimate beside the task's own parameters. */
export interface EstimateContext {
  /** Namespaces of the modules the stage asks for in `modules`. */
  readonly modules: Readonly<Record<string, unknown>>;
  /** Input name → the task it comes from; an `every` has no entry. */
  readonly inputs: Readonly<
    // deno-lint-ignore no-explicit-any
    Record<string, { readonly params: any; readonly modules: Readonly<Record<string, unknown>> }>
  >;
}

/** Description of a hint; for a user's path, also the `words` that are no paths, such as `official`. */
export type Hint = string | {
  readonly help: string;
  readonly path: true;
  readonly words?: readonly string[];
};

/** Things of the user that a stage names because it has to read them. */
export interface Outside {
  /** Files and folders, absolute. */
  readonly files?: readonly string[];
  /** Environment variables. */
  readonly variables?: readonly string[];
  /** False where it turns out to need no network. @default true */
  readonly network?: boolean;
}

/**
 * The node of a workflow: what is computed from what. The declaration is read by the engine's process alone and is in no
 * key, so that what it says of costs and for readers can be corrected without running anything again.
 */
export interface Stage<Meta, Params, Artifacts> {
  /** As profiles and the command line say it: `ema-teacher`. */
  readonly name: string;
  /** URL of the module that exports {@linkcode Run}: where the stage's code graph starts. */
  readonly run: string;
  /** Type of what that returns; there is no such value. */
  readonly __meta?: Meta;
  /** One task per point of these axes; an input is matched on the axes it shares. */
  readonly axes: readonly string[];
  /** Upstream stages as values: the graph is type-checked. */
  readonly inputs: SourcesOf<Artifacts>;
  /** Parses the section of the profile together with the point of the axes. */
  readonly params: z.ZodType<Params>;
  /** Files that must be there when `run` returns, relative to `out`. */
  readonly outputs: readonly string[];
  /**
   * Input name → the files (or folders of files) that are read of it, where that is not all: no others can be, and the
   * input is not built again for the lack of others.
   */
  readonly reads?: { readonly [K in keyof Artifacts]?: readonly string[] };
  /** Resources that the stage requires. */
  readonly needs?: {
    /** Its process may use the network. @default false */
    readonly network?: boolean;
    /** It keeps checkpoints: its process may write `context.scratch`. @default false */
    readonly scratch?: boolean;
    /** `all`: the stage runs alone on every core. @default 1 */
    readonly cores?: number | "all";
  };
  /**
   * Computes tensors: its key carries the numeric environment, and its process loads the backend's native library where it
   * has one. @default false
   */
  readonly numeric?: boolean;
  /** Its files are copied to `reports/<profile>/`. @default false */
  readonly publish?: boolean;
  /** Hint name → what it says, for `--help`. */
  readonly hints?: Readonly<Record<string, Hint>>;
  /** The user's files and variables read outside the key, such as credentials; all others are refused. */
  readonly outside?: (hints: Readonly<Record<string, string>>) => Promise<Outside>;
  /** Name (not `stage`) → URL of modules chosen by the parameters; part of the code, loaded into `context.modules`. */
  readonly modules?: (params: Params) => Readonly<Record<string, string>>;
  /** The expected cost of a task. */
  readonly estimate?: (params: Params, context: EstimateContext) => Estimate;
}

/** The declaration that goes with a `run`. */
export type StageOf<R extends Run> = R extends
  (context: Context, params: infer Params, artifacts: infer Artifacts) => Promise<infer Meta>
  ? Stage<Meta, Params, Artifacts>
  : never;

/** A stage of whatever types. */
// deno-lint-ignore no-explicit-any
export type AnyStage = Stage<any, any, any>;

/** A stage at a point of its axes: what is run, and what leaves one artifact. */
export interface Task {
  /** `train[dense-join,0]`, or the stage's name where it has no axes. */
  readonly id: string;
  /** The stage that it runs. */
  readonly stage: AnyStage;
  /** Its point on the stage's axes. */
  readonly point: Point;
  /** Folder of its artifacts below `artifacts/`: `train/dense-join-0`, `download/main`. */
  readonly place: string;
  /** Parsed, defaults resolved. */
  readonly params: unknown;
  /** Input name → the task, or all tasks of a stage where the input is `every(stage)`. */
  readonly inputs: Readonly<Record<string, Task | readonly Task[]>>;
}

/**
 * Ties a declaration to its `run`: parameters, inputs and meta have the types of that. The `mod.ts` of a stage exports
 * the result as `default`.
 *
 * ```ts ignore
 * import type { run } from "./run.ts";
 *
 * export default defineStage<typeof run>({
 *   name: "probe",
 *   run: new URL("./run.ts", import.meta.url).href,
 *   axes: ["model", "seed"],
 *   inputs: { teacher: emaTeacher },
 *   params,
 *   outputs: ["probe.json"],
 * });
 * ```
 */
export function defineStage<R extends Run>(stage: StageOf<R>): StageOf<R> {
  return stage;
}

/** Asks for the artifacts of every task of a stage; of an optional one there may be none. */
export function every<Meta>(
  // deno-lint-ignore no-explicit-any
  stage: Stage<Meta, any, any>,
  options: { readonly optional?: boolean } = {},
): Every<Meta> {
  return { every: stage, ...options };
}
