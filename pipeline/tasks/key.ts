/**
 * Keys: everything that can change a task's output.
 *
 * @module
 */
import { digestOf } from "../base/json.ts";
import type { Code } from "../code/code_of_stage.ts";
import type { Artifact, Digest, Json, Key, Task } from "../stage.ts";
import { NORMALISATION } from "../code/syntax.ts";

/** Returns the digest of a finished task's artifact. */
export type Known = (task: Task) => Digest | undefined;

/** A key some of whose inputs are still unknown. */
export type PartialKey = Omit<Key, "inputs"> & {
  readonly inputs: Readonly<Record<string, Digest | undefined>>;
};

/**
 * The key of a task, as far as its inputs' digests are known. `environment` is the backend's; only numeric
 * stages have it in their key.
 */
export function partialKeyOf(
  task: Task,
  { code, environment, known }: {
    readonly code: Code;
    readonly environment: Key["environment"];
    readonly known: Known;
  },
): PartialKey {
  return {
    stage: task.stage.name,
    params: task.params as Json,
    code: code.code,
    packages: code.packages,
    inputs: inputDigests(task, known),
    environment: task.stage.numeric ? environment : {},
  };
}

/** The key, or undefined while an input is unknown. */
export function wholeKey(key: PartialKey): Key | undefined {
  return Object.values(key.inputs).includes(undefined) ? undefined : key as Key;
}

/** Digests by input name, or by `name task-id` for an `every` input; undefined where unknown. */
function inputDigests(task: Task, known: Known): Readonly<Record<string, Digest | undefined>> {
  return Object.fromEntries(
    Object.entries(task.inputs).flatMap(([name, input]) =>
      "stage" in input
        ? [[name, known(input)] as const]
        : input.map((each: Task) => [`${name} ${each.id}`, known(each)] as const)
    ),
  );
}

/** Name of a task's output, independent of the machine: the digest of the key without its environment. */
export function identityOf(key: Key): Digest {
  return identities.getOrInsertComputed(
    key,
    ({ environment: _, ...rest }) => digestOf({ normalisation: NORMALISATION, ...rest }),
  );
}

/** Identities of keys that were asked for: the digest of large parameters takes longer than all else of a look. */
const identities = new WeakMap<Key, Digest>();

/** Folder name of an artifact: 16 hex digits of the identity, then 6 of the environment where there is one. */
export function folderOf(key: Key): string {
  const identity = identityOf(key).slice(0, 16);
  return Object.keys(key.environment).length === 0
    ? identity
    : `${identity}-${digestOf(key.environment).slice(0, 6)}`;
}

/** Digest of an artifact's files and meta. */
export function artifactDigest({ files, meta }: Pick<Artifact, "files" | "meta">): Digest {
  return digestOf({ files, meta });
}
