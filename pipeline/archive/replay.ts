/**
 * Draws the report again from the packed artifacts, in a sandboxed child process.
 *
 * @module
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { canonical } from "../base/json.ts";
import { runFlags } from "../run/child_command.ts";
import { runChild } from "../child/process.ts";
import { CodeIndex, type Readable } from "../code/code_of_stage.ts";
import { exists, walk } from "../base/files.ts";
import { ForeignNames } from "../code/foreign_names.ts";
import { Guard } from "../child/guard.ts";
import { hashFile } from "../base/digests.ts";
import { LogFile } from "../child/log_file.ts";
import type { Pipeline } from "../workflow.ts";
import { environmentVariables, type Grants, NOTHING, permissions } from "../child/sandbox.ts";
import { TemporaryFolder } from "../base/temporary_folder.ts";
import type { AnyStage, Artifact, Inputs, Json } from "../stage.ts";
import { workspaceAt } from "../base/workspace.ts";
import { PAYLOAD } from "./crate/bag.ts";
import type { Made } from "./check_artifacts.ts";
import { packedRoots } from "./check_keys.ts";
import type { PackedCode } from "./code_child.ts";
import { REPOSITORY } from "./contents.ts";
import { ArchiveError } from "../base/file_names.ts";
import type { Archive, Finding } from "./open.ts";

/** The result of the comparison. */
export type Replayed =
  | { readonly type: "same"; readonly files: number; readonly by: "ours" | "packed" }
  | { readonly type: "different"; readonly findings: readonly Finding[] }
  | { readonly type: "not compared"; readonly why: string };

export interface ReplayOptions {
  readonly archive: Archive;
  /** Folder of the archive's repository, unpacked without artifacts. */
  readonly root: string;
  readonly made: readonly Made[];
  /** The packed code of each artifact. Its keys are already checked, so it refers to nothing outside. */
  readonly codes: readonly PackedCode[];
  /** Runs the archive's own stage where ours differs. */
  readonly replay: boolean;
}

/** Runs the stage that publishes the report: ours where its code equals the packed code. */
export async function replayReport(pipeline: Pipeline, options: ReplayOptions): Promise<Replayed> {
  const { made, replay } = options;
  const report = await publishedBy(pipeline, made);
  if (report === undefined) {
    return { type: "not compared", why: "no task of it is published by a stage of ours" };
  }
  const ours = await ourRenderer(pipeline, report);
  const { code, packages } = report.made.artifact.key;
  if (canonical([ours.code.code, ours.code.packages]) === canonical([code, packages])) {
    await ours.index.fetchPackages();
    const flags = await runFlags(ours.workspace);
    return await render(report, {
      ...options,
      by: "ours",
      flags,
      roots: ours.roots,
      read: ours.code.readable,
    });
  }
  if (!replay) {
    return { type: "not compared", why: "our renderer's code is another, --replay runs the packed one" };
  }
  return await renderPacked(report, options, ours.index);
}

/** Runs the packed stage with our settings and the packages installed here; nothing is fetched for it. */
async function renderPacked(report: Report, options: ReplayOptions, ours: CodeIndex): Promise<Replayed> {
  const { readable } = options.codes[options.made.indexOf(report.made)];
  const packages = readable.packages.map((id) => ({ id, path: ours.packageFolder(id) }));
  for (const { id, path } of packages) {
    if (path !== undefined && await exists(path)) continue;
    return {
      type: "not compared",
      why: `its code reads files of ${id}, which is not among the packages here`,
    };
  }
  using folder = TemporaryFolder.create();
  const flags = await cleanSettings(options.root, folder.path);
  const urls = Object.entries(packedRoots(report.made))
    .map(([name, path]) => [name, pathToFileURL(join(options.root, path)).href]);
  const roots: Roots = Object.fromEntries(urls);
  const read = { modules: readable.modules, packages: packages.map(({ path }) => path!) };
  return await render(report, { ...options, by: "packed", flags, roots, read });
}

/** Writes a deno.json and a deno.lock that keep only the archive's packages and its names for inner files. */
async function cleanSettings(root: string, folder: string): Promise<readonly string[]> {
  const { imports, lock } = await ForeignNames.read(workspaceAt(root));
  const inside = (target: string) =>
    target.startsWith("./") ? pathToFileURL(root).href + target.slice(1) : target;
  const absolute = Object.entries(imports).map(([name, target]) => [name, inside(target)]);
  const [config, lockfile] = [join(folder, "deno.json"), join(folder, "deno.lock")];
  await Deno.writeTextFile(
    config,
    JSON.stringify({ imports: Object.fromEntries(absolute), nodeModulesDir: "none" }),
  );
  await Deno.writeTextFile(lockfile, JSON.stringify(lock));
  // Not frozen, as Deno would format the lock file differently. It still fetches nothing.
  return ["--quiet", "--cached-only", "--config", config, "--lock", lockfile];
}

interface Report {
  readonly stage: AnyStage;
  readonly made: Made;
}

async function publishedBy(pipeline: Pipeline, made: readonly Made[]): Promise<Report | undefined> {
  for (const each of made) {
    const name = each.artifact.key.stage;
    if (!pipeline.stages().includes(name)) continue;
    const stage = await pipeline.load(name);
    if (stage.publish) return { stage, made: each };
  }
}

async function ourRenderer(pipeline: Pipeline, { stage, made }: Report) {
  const workspace = workspaceAt(pipeline.root);
  const params = stage.params.safeParse(made.artifact.key.params);
  // Parameters that our schema refuses give another key in any case.
  const roots: Roots = { ...(params.success ? stage.modules?.(params.data) : {}), stage: stage.run };
  const child = new URL("../child/entry.ts", import.meta.url).href;
  const index = await CodeIndex.open(workspace, [...Object.values(roots), child]);
  return { workspace, index, roots, code: index.of(roots) };
}

/** URLs of the modules of a task's process by name in the key: the stage's and those its parameters chose. */
type Roots = Readonly<Record<string, string>>;

interface Rendering extends ReplayOptions {
  readonly by: "ours" | "packed";
  /** Flags of `deno run` that select deno.json and the lock file, which resolve imports. */
  readonly flags: readonly string[];
  readonly roots: Roots;
  readonly read: Readable;
}

async function render({ stage, made: { artifact } }: Report, options: Rendering): Promise<Replayed> {
  const { root, flags, roots: { stage: run, ...modules }, by } = options;
  using folder = TemporaryFolder.create();
  const [out, scratch] = [join(folder.path, "out"), join(folder.path, "scratch")];
  await Deno.mkdir(out);
  await Deno.mkdir(scratch);
  await using guard = new Guard();
  using log = await LogFile.open(join(folder.path, "log"));
  const job = {
    task: artifact.task,
    run,
    modules,
    params: artifact.key.params,
    inputs: { ...nothingOf(stage), ...await inputsOf(artifact, options) },
    out,
    scratch,
    resumes: false,
    cores: 1,
    backend: "",
    hints: {},
    mark: `\u001e${crypto.randomUUID()} `,
  };
  const grants: Grants = {
    ...NOTHING,
    inputs: [root],
    code: options.read.modules,
    packages: options.read.packages,
    out: [out],
  };
  const outcome = await runChild(job, {
    flags: [...flags, ...permissions(grants)],
    cwd: folder.path,
    env: environmentVariables(grants, scratch),
    log,
    progress: () => {},
    loaded: () => {},
    guard,
    signal: new AbortController().signal,
  });
  if (outcome.type === "result") return await compare(out, { artifact, meta: outcome.meta, by });
  const message = outcome.type === "error" ? outcome.message : "it was stopped";
  if (message.includes("--cached-only")) {
    return { type: "not compared", why: `packages that its code imports are not here: ${message}` };
  }
  return {
    type: "different",
    findings: [{ where: artifact.task, problem: `cannot be drawn again: ${message}` }],
  };
}

/** Inputs of which a key may name no task. */
function nothingOf(stage: AnyStage): Readonly<Record<string, readonly Artifact[]>> {
  const lists = Object.entries(stage.inputs as Inputs).filter(([, input]) => "every" in input);
  return Object.fromEntries(lists.map(([name]) => [name, []]));
}

/** Unpacks the artifacts of the key's inputs. */
async function inputsOf(
  { key }: Artifact,
  { archive, made, root }: ReplayOptions,
): Promise<Readonly<Record<string, Artifact | readonly Artifact[]>>> {
  const inputs: Record<string, Artifact | Artifact[]> = {};
  for (const [name, digest] of Object.entries(key.inputs)) {
    const [input, task] = name.split(" ");
    const found = made.map(({ artifact }) => artifact)
      .find((artifact) => artifact.digest === digest && (task === undefined || artifact.task === task));
    if (found === undefined) {
      throw new ArchiveError(`Cannot draw the report: the archive lacks its input ${name}`);
    }
    const dir = join(root, found.dir.slice(PAYLOAD.length + REPOSITORY.length + 1, -1));
    if (!await exists(dir)) await archive.unpack(found.dir, dir);
    if (task === undefined) inputs[input] = { ...found, dir };
    else inputs[input] = [...[inputs[input] ?? []].flat(), { ...found, dir }];
  }
  return inputs;
}

async function compare(
  out: string,
  { artifact, meta, by }: {
    readonly artifact: Artifact;
    readonly meta: Json;
    readonly by: "ours" | "packed";
  },
): Promise<Replayed> {
  const findings: Finding[] = [];
  const drawn = new Set((await walk(out)).map(({ name }) => name));
  for (const name of new Set([...drawn, ...Object.keys(artifact.files)])) {
    const digest = drawn.has(name) ? await hashFile(join(out, name)) : undefined;
    if (digest === artifact.files[name]) continue;
    findings.push({ where: artifact.dir + name, problem: "is not what is drawn from the packed artifacts" });
  }
  if (!isSame(meta, artifact.meta)) {
    findings.push({
      where: `${artifact.dir}artifact.json`,
      problem: "other results follow from the packed artifacts",
    });
  }
  return findings.length > 0
    ? { type: "different", findings }
    : { type: "same", files: Object.keys(artifact.files).length, by };
}

/** True where the results are equal; results nested too deeply to write are never equal. */
function isSame(drawn: Json, packed: Json): boolean {
  try {
    return canonical(drawn) === canonical(packed);
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
