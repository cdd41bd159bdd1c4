/**
 * A key says everything that can change a task's output.
 *
 * @module
 */
import { digestOf } from "./canonical.ts";
import type { Code } from "./code.ts";
import type { Task } from "./graph.ts";
import { NORMALISATION } from "./normalise.ts";
import type { Artifact, Digest, Json, Key } from "./types.ts";

/** Finds the artifact of a task that is done. */
export type Known = (task: Task) => Digest | undefined;

/**
 * The key of a task, or undefined while the digest of one of its inputs is not known. `environment` is that of the
 * backend; only the key of a numeric stage carries it.
 */
export function keyOf(
  task: Task,
  { code, environment, known }: {
    readonly code: Code;
    readonly environment: Key["environment"];
    readonly known: Known;
  },
): Key | undefined {
  const inputs = inputDigests(task, known);
  if (Object.values(inputs).includes(undefined)) return undefined;
  return {
    stage: task.stage.name,
    params: task.params as Json,
    code: code.code,
    packages: code.packages,
    inputs: inputs as Key["inputs"],
    environment: task.stage.numeric ? environment : {},
  };
}

/** Input name, or `name task-id` of an `every` input → digest, undefined where it is not known. */
export function inputDigests(task: Task, known: Known): Readonly<Record<string, Digest | undefined>> {
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
  const { environment: _, ...rest } = key;
  return digestOf({ normalisation: NORMALISATION, ...rest });
}

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
