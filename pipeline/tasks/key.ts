/**
 * A key says everything that can change a task's output.
 *
 * @module
 */
import { digestOf } from "../base/json.ts";
import type { Code } from "../code/code_of_stage.ts";
import type { Task } from "../stage.ts";
import { NORMALISATION } from "../code/syntax.ts";
import type { Artifact, Digest, Json, Key } from "../stage.ts";

/** Finds the artifact of a task that is done. */
export type Known = (task: Task) => Digest | undefined;

/** A key some of whose inputs are not known yet. */
export type PartialKey = Omit<Key, "inputs"> & {
  readonly inputs: Readonly<Record<string, Digest | undefined>>;
};

/**
 * The key of a task, as far as the digests of its inputs are known. `environment` is that of the backend; only the key of
 * a numeric stage carries it.
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

/** The key, or undefined while one of its inputs is not known. */
export function wholeKey(key: PartialKey): Key | undefined {
  return Object.values(key.inputs).includes(undefined) ? undefined : key as Key;
}

/** Input name, or `name task-id` of an `every` input → digest, undefined where it is not known. */
function inputDigests(task: Task, known: Known): Readonly<Record<string, Digest | undefined>> {
  return Object.fromEntries(
    Object.entries(task.inputs).flatMap(([name, input]) =>
      "stage" in input
        ? [[name, known(input)] as const]
        : input.map((each: Task) => [`${name} ${each.id}`, known(each)] as const)
    ),
  );
}

/** What names a task's output whatever machine made it: the digest of the key without its environment. */
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

/** Digest of an artifact: of its files and meta, and of nothing else. */
export function artifactDigest({ files, meta }: Pick<Artifact, "files" | "meta">): Digest {
  return digestOf({ files, meta });
}
