/**
 * Checks an archive completely, in the order in which one check relies on the other.
 *
 * @module
 */
import { join } from "node:path";
import type { Pipeline } from "../workflow.ts";
import { TemporaryFolder } from "../base/temporary_folder.ts";
import { count } from "../base/quantities.ts";
import { workspaceAt } from "../base/workspace.ts";
import { PAYLOAD } from "./crate/bag.ts";
import { absentFiles, artifactFindings, type Made, readArtifacts, STORE } from "./check_artifacts.ts";
import { keyFindings, packedCode } from "./check_keys.ts";
import type { PackedCode } from "./code_child.ts";
import { REPOSITORY } from "./contents.ts";
import { ArchiveError } from "../base/file_names.ts";
import { Archive, type Finding } from "./open.ts";
import { crateFindings, readCrate } from "./crate/read_crate.ts";
import { type Replayed, replayReport } from "./replay.ts";

export interface Check {
  readonly name: "bytes" | "crate" | "artifacts" | "keys" | "report";
  /** `skipped` means that nothing was compared, which is no fault. */
  readonly state: "sound" | "unsound" | "skipped";
  /** The scope of the check, or the reason it was skipped. */
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
  /** Runs the packed renderer where ours differs. */
  readonly replay?: boolean;
}

/** Checks an archive up to the first fault that later checks rely on. Throws an ArchiveError if refused. */
export async function verifyArchive(
  pipeline: Pipeline,
  path: string,
  options: VerifyOptions,
): Promise<Verdict> {
  using archive = await Archive.open(path);
  return (await checkArchive(pipeline, archive, options)).verdict;
}

/** The verdict on an open archive, with the artifacts that were read before it ended. */
export interface Checked {
  readonly verdict: Verdict;
  readonly made: readonly Made[];
}

/** The checks of `verify` and `restore`: `restore` refuses what `verify` calls unsound. */
export async function checkArchive(
  pipeline: Pipeline,
  archive: Archive,
  { digest, replay = false }: VerifyOptions,
): Promise<Checked> {
  const checks = [
    checked("bytes", count(archive.files.size, "file"), await archive.check({ digest })),
  ];
  const found = (made: readonly Made[]) => ({ verdict: { digest: archive.digest, checks }, made });
  if (checks[0].findings.length > 0) return found([]);
  const crate = await readCrate(archive);
  checks.push(checked("crate", `${crate.entities.size} entities`, crateFindings(archive, crate)));
  const made = await readArtifacts(archive, crate);
  checks.push(checked("artifacts", artifactsInWords(archive, made), artifactFindings(archive, made)));
  if (checks.some((check) => check.findings.length > 0)) return found(made);
  using folder = TemporaryFolder.create();
  const root = join(folder.path, REPOSITORY);
  await archive.unpack(`${PAYLOAD}${REPOSITORY}/`, root, (name) => !name.startsWith(STORE));
  const { codes, findings } = await keysOf(pipeline, { root, made });
  checks.push(checked("keys", `${count(made.length, "key")} recomputed`, findings));
  if (findings.length > 0) return found(made);
  checks.push(reportCheck(await replayReport(pipeline, { archive, root, made, codes, replay })));
  return found(made);
}

/** The number of artifacts, and of the files that the archive leaves out, which are no fault. */
function artifactsInWords(archive: Archive, made: readonly Made[]): string {
  const absent = absentFiles(archive, made);
  const lacking = new Set(absent.map(({ task }) => task));
  const all = count(made.length, "artifact");
  return absent.length === 0
    ? all
    : `${all}, ${lacking.size} of them without ${count(absent.length, "file")} that the archive leaves out`;
}

async function keysOf(
  pipeline: Pipeline,
  packed: { readonly root: string; readonly made: readonly Made[] },
): Promise<{ readonly codes: readonly PackedCode[]; readonly findings: readonly Finding[] }> {
  try {
    const codes = await packedCode(workspaceAt(pipeline.root), packed);
    return { codes, findings: keyFindings(packed.made, codes) };
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    const problem = error.message.replace(/^Cannot \w+ the archive: /, "");
    return { codes: [], findings: [{ where: "the packed source", problem }] };
  }
}

function reportCheck(replayed: Replayed): Check {
  if (replayed.type === "not compared") {
    return { name: "report", state: "skipped", note: `not compared: ${replayed.why}`, findings: [] };
  }
  if (replayed.type === "different") return checked("report", "drawn again", replayed.findings);
  const code = replayed.by === "ours" ? "our code, which is the packed code" : "the packed code";
  return checked("report", `${count(replayed.files, "file")} drawn again by ${code}, the same bytes`, []);
}

function checked(name: Check["name"], note: string, findings: readonly Finding[]): Check {
  return { name, state: findings.length === 0 ? "sound" : "unsound", note, findings };
}
