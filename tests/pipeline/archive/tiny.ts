/**
 * The smallest sound archive, of one stage without inputs and one file, made without running anything; and
 * copies of it with something changed and every digest adapted.
 *
 * @module
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { assertEquals } from "@std/assert";
import { bagOf } from "../../../pipeline/archive/crate/bag.ts";
import { artifactFindings, readArtifacts } from "../../../pipeline/archive/check_artifacts.ts";
import { PROFILES } from "../../../pipeline/archive/crate/crate_software.ts";
import { ArchiveError } from "../../../pipeline/base/file_names.ts";
import { Archive } from "../../../pipeline/archive/open.ts";
import { fileOf } from "../../../pipeline/archive/payload.ts";
import { crateFindings, readCrate } from "../../../pipeline/archive/crate/read_crate.ts";
import { CodeIndex } from "../../../pipeline/code/code_of_stage.ts";
import { sha256 } from "../../../pipeline/base/json.ts";
import { artifactDigest, folderOf } from "../../../pipeline/tasks/key.ts";
import { FORMAT } from "../../../pipeline/store/artifact_record.ts";
import { sealed } from "../../../pipeline/base/sealed_json.ts";
import { inLine } from "../../../pipeline/base/escape.ts";
import { workspaceAt } from "../../../pipeline/base/workspace.ts";
import { zipTo } from "./archive_support.ts";

/** Payload files by name. */
export type Files = Map<string, string>;

export const CRATE = "ro-crate-metadata.json";
export const MODULE = "repository/stages/a.ts";

/** An entity of the crate, free to be changed. */
// deno-lint-ignore no-explicit-any
type Entity = Record<string, any>;

/** The code of a stage, as `verify` computes it; `module` is its path in the payload. */
export async function codeOf(source: Files, module = MODULE) {
  const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "foreign-" }));
  try {
    for (const [name, text] of source) {
      if (!name.startsWith("repository/")) continue;
      const path = join(root, name.slice("repository/".length));
      await Deno.mkdir(join(path, ".."), { recursive: true });
      await Deno.writeTextFile(path, text);
    }
    const stage = pathToFileURL(join(root, module.slice("repository/".length))).href;
    return (await CodeIndex.read({ ...workspaceAt(root), isForeign: true }, [stage])).of({ stage });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

const RUN = {
  started: "2026-01-01T00:00:00.000Z",
  finished: "2026-01-01T00:00:01.000Z",
  seconds: 1,
  peakMemory: null,
  host: { cpu: "c", cores: 1, memory: 1, os: "o", gpu: null },
  deno: "2.9.6",
  backend: "none",
  command: "deno task reproduce",
  commit: null,
  records: {},
};

/** The payload of the sound archive. */
export async function tinyFiles(): Promise<{ readonly files: Files; readonly dir: string }> {
  const files: Files = new Map([
    ["repository/deno.json", "{}"],
    ["repository/deno.lock", '{"version":"5"}'],
    [MODULE, "export default 1;\n"],
  ]);
  const { code, packages, modules } = await codeOf(files);
  const key = { stage: "a", params: {}, code, packages, inputs: {}, environment: {} };
  const dir = `repository/artifacts/a/main/${folderOf(key)}/`;
  const outputs = { "x.txt": { digest: sha256("x"), bytes: 1 } };
  const digest = artifactDigest({ files: { "x.txt": sha256("x") }, meta: {} });
  const artifact = { format: FORMAT, task: "a", point: {}, key, modules, files: outputs, meta: {}, digest };
  files.set(`${dir}x.txt`, "x");
  files.set(`${dir}artifact.json`, JSON.stringify(sealed(artifact)));
  files.set(`${dir}run.json`, JSON.stringify(sealed(RUN)));
  files.set(CRATE, JSON.stringify({ "@graph": graphOf(dir) }));
  return { files, dir };
}

function graphOf(dir: string): Entity[] {
  const id = (name: string) => ({ "@id": name });
  return [
    { ...id(CRATE), about: id("./"), conformsTo: id("https://w3id.org/ro/crate/1.1") },
    {
      ...id("./"),
      conformsTo: PROFILES.map((profile) => id(profile.id)),
      mainEntity: id("#workflow"),
      name: "n",
      description: "d",
      datePublished: "2026-01-01",
      license: "MIT",
    },
    ...PROFILES.map((profile) => id(profile.id)),
    { ...id("#workflow"), "@type": "ComputationalWorkflow" },
    { ...id("#orchestration"), object: [id("#control")] },
    { ...id("#control"), object: [id("#action")] },
    { ...id("#action"), "@type": "CreateAction", name: "a", instrument: id(MODULE), result: id(dir) },
    { ...id(MODULE), "@type": ["File", "SoftwareApplication"] },
    { ...id(dir), "@type": "Dataset" },
  ];
}

/** Writes a payload as an archive whose manifests fit. */
export async function writeArchive(
  path: string,
  files: ReadonlyMap<string, string | Uint8Array<ArrayBuffer>>,
  info: Readonly<Record<string, string>> = { "External-Identifier": "tiny" },
): Promise<void> {
  const bag = bagOf([...files].map(([name, text]) => fileOf(text, name)), info);
  const folder = `${info["External-Identifier"]}-${bag.digest}`;
  await zipTo(path, bag.files.map((file) => ({ ...file, name: `${folder}/${file.name}` })));
}

/** Changes the crate. */
export function editCrate(files: Files, edit: (graph: Entity[]) => void): void {
  const crate = JSON.parse(files.get(CRATE)!);
  edit(crate["@graph"]);
  files.set(CRATE, JSON.stringify(crate));
}

/** Changes a record and seals it anew. */
export function editRecord(files: Files, name: string, edit: (record: Entity) => void): void {
  const { seal: _, ...record } = JSON.parse(files.get(name)!);
  edit(record);
  files.set(name, JSON.stringify(sealed(record)));
}

/** The first finding of `verify`, with the code parsed in this process. */
export async function firstWords(path: string): Promise<string> {
  try {
    using archive = await Archive.open(path);
    const crate = await readCrate(archive);
    const findings = [...await archive.check(), ...crateFindings(archive, crate)];
    const made = findings.length > 0 ? [] : await readArtifacts(archive, crate);
    const [first] = [...findings, ...artifactFindings(archive, made)];
    if (first !== undefined) return inLine(`${first.where} ${first.problem}`);
    const source: Files = new Map();
    for (const name of archive.files.keys()) {
      if (name.startsWith("data/repository/")) {
        source.set(name.slice("data/".length), await archive.text(name));
      }
    }
    const { code } = await codeOf(source);
    assertEquals(code, made[0].artifact.key.code);
    return "sound";
  } catch (error) {
    if (error instanceof ArchiveError) return error.message;
    throw error;
  }
}
