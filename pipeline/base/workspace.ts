/**
 * The folders and files of one repository.
 *
 * @module
 */
import { join, relative, sep } from "node:path";

/** Absolute paths. */
export interface Workspace {
  readonly root: string;
  readonly artifacts: string;
  readonly reports: string;
  readonly profiles: string;
  /** Path of deno.json, which resolves import specifiers. */
  readonly config: string;
  /** Path of deno.lock, which fixes the bytes of every package. */
  readonly lockfile: string;
  /** Files that only save time: digests of files, the code index. */
  readonly cache: string;
  /** Artifacts that are being replaced. */
  readonly aside: string;
  /** Outputs being written; never read as artifacts. */
  readonly staging: string;
  /** Checkpoints, one folder for each identity. */
  readonly scratch: string;
  /** Logs, one file for each attempt. */
  readonly logs: string;
  /** Files being deleted, each moved here whole, so that an interrupted deletion leaves no half of one. */
  readonly trash: string;
  /** True for an unknown archive's repository: code is data, nothing outside is touched. @default false */
  readonly isForeign?: boolean;
}

/** The workspace of the repository at an absolute path. */
export function workspaceAt(root: string): Workspace {
  const artifacts = join(root, "artifacts");
  return {
    root,
    artifacts,
    reports: join(root, "reports"),
    profiles: join(root, "profiles"),
    config: join(root, "deno.json"),
    lockfile: join(root, "deno.lock"),
    cache: join(artifacts, ".cache"),
    aside: join(artifacts, ".aside"),
    staging: join(artifacts, ".staging"),
    scratch: join(artifacts, ".scratch"),
    logs: join(artifacts, ".logs"),
    trash: join(artifacts, ".trash"),
  };
}

/** A path as text: relative to the repository, `/`-separated. */
export function shown(workspace: Workspace, path: string): string {
  return relative(workspace.root, path).split(sep).join("/");
}
