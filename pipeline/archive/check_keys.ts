/**
 * Keys recomputed from the packed source. Modules are parsed and hashed; none of them runs.
 *
 * @module
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { CodeIndex } from "../code.ts";
import { canonical } from "../canonical.ts";
import { differences } from "../reasons.ts";
import type { Workspace } from "../workspace.ts";
import type { Made } from "./check_artifacts.ts";
import { REPOSITORY } from "./contents.ts";
import type { Finding } from "./open.ts";

/** The code of an unpacked archive; `workspace` is that of its repository. */
export async function packedCode(workspace: Workspace, made: readonly Made[]): Promise<CodeIndex> {
  const urls = (paths: readonly string[]) => [...new Set(paths)].map((path) => urlOf(workspace, path));
  return await CodeIndex.open(workspace, {
    stages: urls(made.map(({ action }) => action.tool)),
    roots: urls(made.flatMap(({ action }) => action.modules)),
  });
}

/** URL of a file of the payload, once unpacked. */
export function urlOf(workspace: Workspace, path: string): string {
  return pathToFileURL(join(workspace.root, path.slice(REPOSITORY.length + 1))).href;
}

/** What the packed source makes of every key, where that is something else. */
export function keyFindings(
  index: CodeIndex,
  { workspace, made }: { readonly workspace: Workspace; readonly made: readonly Made[] },
): readonly Finding[] {
  return made.flatMap(({ action, artifact }) => {
    const chosen = action.modules.map((path) => urlOf(workspace, path));
    const { code, packages } = index.of(urlOf(workspace, action.tool), chosen);
    const found = { ...artifact.key, code, packages };
    if (canonical(found) === canonical(artifact.key)) return [];
    const reasons = differences(artifact.key, found, { strict: true }).slice(0, 3).join(", ");
    return [{
      where: `${artifact.dir}artifact.json`,
      problem: `the key of ${artifact.task} does not follow from the packed source: ${reasons}`,
    }];
  });
}
