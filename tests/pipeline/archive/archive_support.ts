/**
 * A small archive of the tests' workflow, made by its command, and ways to spoil a copy.
 *
 * @module
 */
import { bagOf } from "../../../pipeline/archive/crate/bag.ts";
import { METADATA } from "../../../pipeline/archive/crate/crate.ts";
import { Archive } from "../../../pipeline/archive/open.ts";
import { fileOf, type PayloadFile } from "../../../pipeline/archive/payload.ts";
import { writeZip } from "../../../pipeline/archive/write_zip.ts";
import type { Workspace } from "../../fixtures/test_workspace.ts";

/** The output of `archive --json`. */
export interface Packed {
  readonly path: string;
  readonly name: string;
  readonly digest: string;
}

/** Runs the workflow and packs it. */
export async function packed(workspace: Workspace, ...flags: string[]): Promise<Packed> {
  await workspace.reproduce();
  const { code, stdout, stderr } = await workspace.run("archive", "--json", ...flags);
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** Every file of a bag by name. */
export async function filesOf(path: string): Promise<Map<string, string>> {
  using archive = await Archive.open(path);
  const files = new Map<string, string>();
  for (const name of archive.files.keys()) files.set(name, await archive.text(name));
  return files;
}

/** A forged archive: some payload files edited, and every manifest made anew. Returns its path. */
export async function forged(
  path: string,
  edit: (name: string, text: string) => string | undefined,
): Promise<string> {
  const edited = [...await filesOf(path)].flatMap(([name, text]) => {
    const now = name.startsWith("data/") ? edit(name.slice(5), text) : undefined;
    return now === undefined ? [] : [fileOf(now, name.slice(5))];
  });
  const payload = await Promise.all(
    edited.map((file) => file.name === METADATA ? resummed(file, edited) : file),
  );
  const info = (await filesOf(path)).get("bag-info.txt")!.split("\n").filter((line) => line.includes(": "))
    .map((line) => line.split(": ") as [string, string]).filter(([name]) => name !== "Payload-Oxum");
  const bag = bagOf(payload, Object.fromEntries(info));
  const to = `${path}.forged.zip`;
  await zipTo(to, bag.files.map((file) => ({ ...file, name: `fixture-quick-${bag.digest}/${file.name}` })));
  return to;
}

/** Metadata whose sizes and digests are those of the edited files. */
export async function resummed(metadata: PayloadFile, files: readonly PayloadFile[]): Promise<PayloadFile> {
  const crate = JSON.parse(await new Response(await metadata.open()).text());
  for (const entity of crate["@graph"]) {
    const file = files.find(({ name }) => name === entity["@id"]);
    if (file && entity.sha256) {
      Object.assign(entity, { sha256: file.sha256, contentSize: String(file.bytes) });
    }
  }
  return fileOf(JSON.stringify(crate), METADATA);
}

/** Writes files as a zip. */
export async function zipTo(path: string, files: readonly PayloadFile[]): Promise<void> {
  const file = await Deno.open(path, { write: true, create: true, truncate: true });
  await writeZip(file.writable, files);
}
