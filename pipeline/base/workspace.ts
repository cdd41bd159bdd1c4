/**
 * Where things are: the folders of one repository.
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
  /** deno.json: decides what a specifier means. */
  readonly config: string;
  /** deno.lock: decides which bytes a package is. */
  readonly lockfile: string;
  /** Files that only save time: remembered digests, the code index. */
  readonly cache: string;
  /** Artifacts whose place another is taking. */
  readonly aside: string;
  /** Outputs being written; never read as artifacts. */
  readonly staging: string;
  /** Checkpoints, one folder an identity. */
  readonly scratch: string;
  /** One file an attempt. */
  readonly logs: string;
  /** What is being deleted: moved here whole, so that an interrupted deletion leaves nothing half. */
  readonly trash: string;
  /** A stranger's: its code is read as data, and nothing outside is looked at. @default false */
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

/** A path as it is shown and recorded: relative to the repository, `/`-separated. */
export function shown(workspace: Workspace, path: string): string {
  return relative(workspace.root, path).split(sep).join("/");
}
