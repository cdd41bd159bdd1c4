/**
 * Everything there is to check about an archive, in the order in which one check relies on the other.
 *
 * @module
 */
import { join } from "node:path";
import type { Pipeline } from "../pipeline.ts";
import { count } from "../words.ts";
import { workspaceAt } from "../workspace.ts";
import { PAYLOAD } from "./bag.ts";
import { artifactFindings, readArtifacts } from "./check_artifacts.ts";
import { keyFindings, packedCode } from "./check_keys.ts";
import { REPOSITORY } from "./contents.ts";
import { Archive, type Finding } from "./open.ts";
import { crateFindings, readCrate } from "./read_crate.ts";
import { replayReport } from "./replay.ts";

/** One check. */
export interface Check {
  readonly name: "bytes" | "crate" | "artifacts" | "keys" | "report";
  /** `skipped`: not compared, which is no fault. */
  readonly state: "sound" | "unsound" | "skipped";
  /** What was looked at, or why it was not. */
  readonly note: string;
  readonly findings: readonly Finding[];
}

export interface Verdict {
  readonly digest: string;
  readonly checks: readonly Check[];
}

export interface VerifyOptions {
  /** The digest that the archive must have. */
  readonly digest?: string;
  /** Run the packed renderer where ours is another. */
  readonly replay?: boolean;
}

/** Checks an archive; what follows an unsound check is left out. Throws an ArchiveError where it is refused. */
export async function verifyArchive(
  pipeline: Pipeline,
  path: string,
  { digest, replay = false }: VerifyOptions,
): Promise<Verdict> {
  using archive = await Archive.open(path);
  const checks = [
    checked("bytes", count(archive.files.size, "file"), await archive.check({ digest })),
  ];
  const verdict = () => ({ digest: archive.digest, checks });
  if (checks[0].findings.length > 0) return verdict();
  const crate = await readCrate(archive);
  checks.push(checked("crate", `${crate.entities.size} entities`, crateFindings(archive, crate)));
  const made = await readArtifacts(archive, crate);
  checks.push(checked("artifacts", count(made.length, "artifact"), artifactFindings(archive, made)));
  if (checks.some((check) => check.findings.length > 0)) return verdict();
  await unpacked(archive, async (root) => {
    const workspace = { ...workspaceAt(root), isForeign: true };
    const index = await packedCode(workspace, made);
    checks.push(
      checked("keys", `${count(made.length, "key")} recomputed`, keyFindings(index, { workspace, made })),
    );
    const replayed = await replayReport(pipeline, { workspace, made, packed: index, replay });
    if (replayed.type === "not compared") {
      checks.push({ name: "report", state: "skipped", note: `not compared: ${replayed.why}`, findings: [] });
    } else if (replayed.type === "different") {
      checks.push(checked("report", "drawn again", replayed.findings));
    } else {
      const note = `${count(replayed.files, "file")} drawn again by ${
        replayed.by === "ours" ? "our code, which is the packed code" : "the packed code"
      }, the same bytes`;
      checks.push(checked("report", note, []));
    }
  });
  return verdict();
}

function checked(name: Check["name"], note: string, findings: readonly Finding[]): Check {
  return { name, state: findings.length === 0 ? "sound" : "unsound", note, findings };
}

/** The packed repository in a folder that is removed afterwards. */
async function unpacked(archive: Archive, use: (root: string) => Promise<void>): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "archive-" }));
  try {
    const root = join(folder, REPOSITORY);
    await archive.unpack(`${PAYLOAD}${REPOSITORY}/`, root);
    await use(root);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
