/**
 * The process that parses an unknown archive's code, which could exhaust the parser's stack, memory or time.
 * It may read the unpacked archive and nothing else.
 *
 * @module
 */
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { type Code, CodeIndex } from "../code/code_of_stage.ts";
import { workspaceAt } from "../base/workspace.ts";

/** The question: for each task, the paths of its modules in the repository, by their names in the key. */
export interface CodeQuestion {
  /** Folder of the unpacked repository. */
  readonly root: string;
  readonly tasks: readonly Readonly<Record<string, string>>[];
}

/** The code of a packed task; `readable.packages` holds package ids instead of folders. */
export type PackedCode = Pick<Code, "code" | "modules" | "packages" | "readable">;

/** One entry a task. */
export type CodeAnswer =
  | { readonly type: "code"; readonly tasks: readonly PackedCode[] }
  | { readonly type: "refused"; readonly message: string };

async function answer({ root, tasks }: CodeQuestion): Promise<CodeAnswer> {
  const roots = tasks.map((paths) =>
    Object.fromEntries(
      Object.entries(paths).map(([name, path]) => [name, pathToFileURL(join(root, path)).href]),
    )
  );
  try {
    const workspace = { ...workspaceAt(root), isForeign: true };
    const index = await CodeIndex.read(workspace, roots.flatMap((urls) => Object.values(urls)));
    return {
      type: "code",
      tasks: roots.map((urls) => {
        const { code, modules, packages, readable } = index.of(urls);
        return { code, modules, packages, readable };
      }),
    };
  } catch (error) {
    return { type: "refused", message: (error as Error).message };
  }
}

if (import.meta.main) {
  const question = JSON.parse(await new Response(Deno.stdin.readable).text()) as CodeQuestion;
  console.log(JSON.stringify(await answer(question)));
}
