/**
 * Keys recomputed from the packed source. Modules are parsed and hashed; none of them runs.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { canonical } from "../base/json.ts";
import { runFlags } from "../run/child_command.ts";
import { Guard } from "../child/guard.ts";
import { differences } from "../tasks/key_changes.ts";
import { environmentVariables, NOTHING, permissions } from "../child/sandbox.ts";
import { TemporaryFolder } from "../base/temporary_folder.ts";
import type { Workspace } from "../base/workspace.ts";
import type { Made } from "./check_artifacts.ts";
import type { CodeAnswer, CodeQuestion, PackedCode } from "./code_child.ts";
import { REPOSITORY } from "./contents.ts";
import { PARSER_MEMORY, PARSER_TIME } from "../base/limits.ts";
import { ArchiveError } from "../base/file_names.ts";
import type { Finding } from "./open.ts";

/**
 * The code of every task of an unpacked archive; `root` is the folder of its repository. Throws an
 * ArchiveError where the code refers to something outside or cannot be parsed.
 */
export async function packedCode(
  ours: Workspace,
  { root, made }: { readonly root: string; readonly made: readonly Made[] },
): Promise<readonly PackedCode[]> {
  const answer = await ask(ours, { root, tasks: made.map(packedRoots) });
  if (answer.type === "code") return answer.tasks;
  throw new ArchiveError(answer.message);
}

/** The modules of a task's process: name in the key → path. The crate orders chosen modules by the names. */
export function packedRoots({ action, artifact }: Made): Readonly<Record<string, string>> {
  const names = Object.keys(artifact.key.code).filter((name) => name !== "stage").sort();
  const below = (path: string) => path.slice(REPOSITORY.length + 1);
  const chosen = action.modules.map((path, i) => [names[i] ?? path, below(path)]);
  return Object.fromEntries([...chosen, ["stage", below(action.tool)]]);
}

/** Runs `code_child.ts` with the flags of this repository, in a temporary folder. */
async function ask(ours: Workspace, question: CodeQuestion): Promise<CodeAnswer> {
  // Loaded here, so that the package is in the cache of the process, which fetches nothing.
  await import("acorn");
  using folder = TemporaryFolder.create();
  await using guard = new Guard();
  const grants = { ...NOTHING, inputs: [question.root] };
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      ...await runFlags(ours),
      ...permissions(grants),
      `--v8-flags=--max-old-space-size=${PARSER_MEMORY}`,
      fileURLToPath(new URL("./code_child.ts", import.meta.url)),
    ],
    cwd: folder.path,
    env: environmentVariables(grants, folder.path),
    clearEnv: true,
    signal: AbortSignal.timeout(PARSER_TIME),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  await guard.add(child.pid);
  const writing = new Response(JSON.stringify(question)).body!.pipeTo(child.stdin).catch(() => {});
  const { success, stdout, stderr } = await child.output();
  await writing;
  const text = new TextDecoder();
  if (success) return JSON.parse(text.decode(stdout));
  const last = text.decode(stderr).trim().split("\n").at(-1) ?? "";
  throw new ArchiveError(
    `Cannot accept the archive: its code cannot be parsed in ${PARSER_MEMORY} MiB and ${PARSER_TIME} ms` +
      ` (${last || "it took longer"})`,
  );
}

/** A finding for every key that differs from the key recomputed from the packed source. */
export function keyFindings(made: readonly Made[], codes: readonly PackedCode[]): readonly Finding[] {
  return made.flatMap(({ artifact }, i) => {
    const { code, packages, modules } = codes[i];
    const key = { ...artifact.key, code, packages };
    if (canonical(key) === canonical(artifact.key)) return [];
    const reasons = differences(artifact, { key, modules }, { strict: true }).slice(0, 3).join(", ");
    return [{
      where: `${artifact.dir}artifact.json`,
      problem: `the key of ${artifact.task} does not follow from the packed source: ${reasons}`,
    }];
  });
}
