/**
 * Integrity of packages from deno.lock, with their dependencies.
 *
 * @module
 */
import { readJsonIfAny } from "../base/files.ts";
import type { InfoPackage } from "./deno_info.ts";

/** A package of the module graph. */
export interface PackageNode {
  /** Ids (`name@version`) of its own dependencies. */
  readonly dependencies: readonly string[];
  readonly integrity: string;
  /** Folder of the unpacked package, which a stage that imports it may read. */
  readonly path?: string;
}

interface LockFile {
  readonly npm?: Readonly<Record<string, { readonly integrity?: string }>>;
}

/** The graph's packages with the lock file's integrity; `unlocked` for packages that it lacks. */
export async function lockedPackages(
  packages: Readonly<Record<string, InfoPackage>>,
  lockfile: string,
): Promise<Record<string, PackageNode>> {
  const lock = await readJsonIfAny<LockFile>(lockfile);
  return Object.fromEntries(
    Object.entries(packages).map(([id, { dependencies, localPath }]) => [
      id,
      { dependencies, integrity: lock?.npm?.[id]?.integrity ?? "unlocked", path: localPath },
    ]),
  );
}

/** Package ids with all their dependencies, sorted. */
export function packageClosure(
  packages: Readonly<Record<string, PackageNode>>,
  ids: Iterable<string>,
): readonly string[] {
  const found = new Set<string>();
  const visit = (id: string) => {
    if (found.has(id)) return;
    found.add(id);
    packages[id]?.dependencies.forEach(visit);
  };
  for (const id of ids) visit(id);
  return [...found].sort();
}
