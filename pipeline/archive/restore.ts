/**
 * An archive's artifacts put back into a store.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { exists, removeIfAny, sync } from "../files.ts";
import { FileDigests, stampOf } from "../hash.ts";
import { makeOwnFolder } from "../own.ts";
import { asideOf, stagingFor } from "../place.ts";
import { replaceFolder } from "../seal.ts";
import { damagedFiles, readArtifact } from "../store.ts";
import { putStraysBeside } from "../strays.ts";
import type { Workspace } from "../workspace.ts";
import { PAYLOAD } from "./bag.ts";
import { artifactFindings, type Made, readArtifacts } from "./check_artifacts.ts";
import { REPOSITORY } from "./contents.ts";
import { ArchiveError } from "./names.ts";
import { Archive, type Finding } from "./open.ts";
import { crateFindings, readCrate } from "./read_crate.ts";

/** What became of an artifact. */
export interface Restored {
  readonly task: string;
  readonly state: "restored" | "there already";
  /** In the store. */
  readonly dir: string;
  /** Files that the archive does not hold. */
  readonly elsewhere: number;
}

const STORE = `${PAYLOAD}${REPOSITORY}/artifacts/`;

/**
 * Checks an archive and copies its artifacts and logs; the caller holds the store's lock. An artifact of which the store
 * has all that the archive has stays as it is. Throws an ArchiveError where anything is unsound: then nothing was copied.
 */
export async function restoreArchive(
  workspace: Workspace,
  path: string,
  { digest }: { readonly digest?: string } = {},
): Promise<readonly Restored[]> {
  using archive = await Archive.open(path);
  refuse(await archive.check({ digest }));
  const crate = await readCrate(archive);
  const made = await readArtifacts(archive, crate);
  refuse([...crateFindings(archive, crate), ...artifactFindings(archive, made)]);
  refuse(
    made.filter(({ artifact }) => !isPlaced(artifact.dir)).map(({ artifact }) => ({
      where: artifact.dir,
      problem: "is no place in a store",
    })),
  );
  await Deno.mkdir(workspace.cache, { recursive: true });
  const digests = await FileDigests.open(join(workspace.cache, "digests.json"));
  const restored: Restored[] = [];
  for (const each of made) restored.push(await restoreOne(workspace, each, { archive, digests }));
  await restoreLogs(workspace, archive);
  await digests.save();
  return restored;
}

function refuse(findings: readonly Finding[]): void {
  if (findings.length === 0) return;
  const [{ where, problem }] = findings;
  const more = findings.length > 1 ? ` (and ${findings.length - 1} more)` : "";
  throw new ArchiveError(`Cannot restore the archive: ${where} ${problem}${more}, see deno task verify`);
}

/** `artifacts/<stage>/<point>/<key>/`, none of them hidden. */
function isPlaced(dir: string): boolean {
  if (!dir.startsWith(STORE)) return false;
  const parts = dir.slice(STORE.length, -1).split("/");
  return parts.length === 3 && parts.every((part) => !part.startsWith("."));
}

async function restoreOne(
  workspace: Workspace,
  { artifact }: Made,
  { archive, digests }: { readonly archive: Archive; readonly digests: FileDigests },
): Promise<Restored> {
  const dir = join(workspace.artifacts, artifact.dir.slice(STORE.length, -1));
  const elsewhere = artifact.elsewhere?.length ?? 0;
  const result = { task: artifact.task, dir, elsewhere };
  const there = await readArtifact(dir);
  const packed = Object.keys(artifact.files).filter((name) => archive.files.has(artifact.dir + name));
  if (
    there?.digest === artifact.digest &&
    (await damagedFiles(there, { digests, rehash: true, needed: packed })).length === 0
  ) return { ...result, state: "there already" };
  const staging = await stagingFor(workspace, dirname(artifact.dir.slice(STORE.length, -1)));
  try {
    await archive.unpack(artifact.dir, staging);
    for (const name of packed) await sync(join(staging, name));
    if (there !== undefined) await putStraysBeside(there);
    await replaceFolder({ from: staging, to: dir, aside: asideOf(dir) });
  } finally {
    await removeIfAny(staging);
  }
  for (const name of packed) {
    const stamp = await stampOf(join(dir, name));
    if (stamp !== undefined) digests.remember(join(dir, name), stamp, artifact.files[name]);
  }
  return { ...result, state: "restored" };
}

/** Logs that the store has stay as they are. */
async function restoreLogs(workspace: Workspace, archive: Archive): Promise<void> {
  const logs = `${STORE}.logs/`;
  for (const name of archive.files.keys()) {
    if (!name.startsWith(logs)) continue;
    const path = join(workspace.logs, name.slice(logs.length));
    if (await exists(path)) continue;
    await makeOwnFolder(
      workspace,
      workspace.artifacts,
      ".logs",
      ...name.slice(logs.length).split("/").slice(0, -1),
    );
    await archive.unpackFile(name, path);
  }
}
