/**
 * The files of the source tree: the files that git tracks, and the further files that the run needs.
 *
 * @module
 */
import { join, relative, resolve, sep } from "node:path";
import type { Engine } from "../plan/engine.ts";
import { exists, readTextIfAny, walk } from "../base/files.ts";
import { git, listed } from "../base/git.ts";
import { isNotSource } from "../base/leftovers.ts";
import { count } from "../base/quantities.ts";
import { parseManifest, PAYLOAD } from "./crate/bag.ts";
import { nameProblem } from "../base/file_names.ts";
import type { ArchivePolicy } from "../archive_policy.ts";

/** Paths relative to the repository, `/`-separated, sorted. */
export interface SourceFiles {
  readonly names: readonly string[];
  readonly notes: readonly string[];
}

/** The most names that a note lists. */
const SHOWN = 20;

/** Chooses the source files: plain files only, no links, pipes or submodules. */
export async function sourceFiles(engine: Engine, policy: ArchivePolicy): Promise<SourceFiles> {
  const { root } = engine.workspace;
  const wanted = [...policy.source, "artifacts/README.md"];
  const { names, from } = await namesOf(root, wanted);
  const needed = neededBy(engine);
  const [files, other] = await sorted(root, { names, needed });
  const isOdd = (name: string) => nameProblem(name) !== undefined && !needed.includes(name);
  const plain = files.filter((name) => !isOdd(name));
  const untracked = plain.filter((name) => !names.includes(name));
  return {
    names: plain,
    notes: [
      ...from,
      ...noteOf("packed although nobody tracks it, as the run needs it", untracked),
      ...noteOf("left out, it is no plain file", other),
      ...noteOf("left out, not every system can have its name", files.filter(isOdd)),
    ],
  };
}

/** The tree's file names according to git, to the archive it was unpacked from, or else to its folders. */
async function namesOf(root: string, wanted: readonly string[]) {
  const tracked = await listed(root, ["--cached", "--", ...wanted]) ?? [];
  if (tracked.length > 0) return { names: tracked, from: [] };
  const packed = (await packedNames(root)).filter((name) => wanted.some((each) => isBelow(name, each)));
  if (packed.length > 0) {
    return { names: packed, from: ["the source is what the archive had that this tree was unpacked from"] };
  }
  const why = await whyNot(root);
  const found: string[] = [];
  for (const name of wanted) found.push(...await filesBelow(root, name));
  return {
    names: found,
    from: [`${why}: the source is all of ${wanted.join(", ")} but hidden files, keys and leftovers`],
  };
}

async function whyNot(root: string): Promise<string> {
  const answer = await git(root, ["rev-parse", "--git-dir"]);
  return answer.type === "none" ? `git was not asked (${answer.why})` : "git does not track this tree";
}

/** The tree's files in the manifest two folders up; empty where there is no manifest. */
async function packedNames(root: string): Promise<readonly string[]> {
  const tree = `${PAYLOAD}repository/`;
  const isUnpacked = resolve(root).endsWith(`${sep}${join(tree, ".")}`);
  const text = isUnpacked ? await readTextIfAny(join(root, "../../manifest-sha256.txt")) : undefined;
  if (text === undefined) return [];
  return [...parseManifest(text, "manifest-sha256.txt").keys()]
    .filter((name) => name.startsWith(tree))
    .map((name) => name.slice(tree.length));
}

/** The path itself for a file; for a folder, the files in it that people wrote. */
async function filesBelow(root: string, name: string): Promise<string[]> {
  const path = join(root, name);
  if (!await exists(path)) return [];
  if (!(await Deno.lstat(path)).isDirectory) return [name];
  const found = (await walk(path)).filter(({ name }) => !isNotSource(name));
  return found.map((each) => `${name}/${each.name}`);
}

/** The profile, and every module and asset of this tree that its stages load. */
function neededBy({ workspace, profile, tasks, code }: Engine): string[] {
  const modules = tasks.flatMap((task) => code(task).readable.modules);
  const names = new Set(modules.map((path) => relative(workspace.root, path).split(sep).join("/")));
  return [`profiles/${profile.name}.json`, ...[...names].filter((name) => !name.startsWith("../"))];
}

/** Splits existing paths into plain files and others. A link that the run needs counts as its target. */
async function sorted(
  root: string,
  { names, needed }: { readonly names: readonly string[]; readonly needed: readonly string[] },
): Promise<readonly [string[], string[]]> {
  const plain: string[] = [];
  const other: string[] = [];
  for (const name of [...new Set([...names, ...needed])].sort()) {
    const path = join(root, name);
    if (!await exists(path)) continue;
    const { isFile } = await (needed.includes(name) ? Deno.stat(path) : Deno.lstat(path));
    (isFile ? plain : other).push(name);
  }
  return [plain, other];
}

function isBelow(name: string, folder: string): boolean {
  return name === folder || name.startsWith(`${folder}/`);
}

function noteOf(what: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const more = names.length > SHOWN ? ` and ${count(names.length - SHOWN, "file")} more` : "";
  return [`${what}: ${names.slice(0, SHOWN).join(", ")}${more}`];
}
