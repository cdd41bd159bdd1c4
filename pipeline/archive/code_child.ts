/**
 * The process that parses a stranger's code, which can be made to exhaust a parser's stack, memory or time. It may read
 * the unpacked archive and nothing else.
 *
 * @module
 */
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { type Code, CodeIndex } from "../code.ts";
import { workspaceAt } from "../workspace.ts";

/** What is asked: first the paths of a stage's module, then of those that its parameters chose, in the repository. */
export interface CodeQuestion {
  /** Folder of the unpacked repository. */
  readonly root: string;
  readonly tasks: readonly { readonly tool: string; readonly modules: readonly string[] }[];
}

/** The code of a packed task; of a package whose files are read, `readable` has the id. */
export type PackedCode = Pick<Code, "code" | "packages" | "readable">;

/** One entry a task. */
export type CodeAnswer =
  | { readonly type: "code"; readonly tasks: readonly PackedCode[] }
  | { readonly type: "refused"; readonly message: string };

async function answer({ root, tasks }: CodeQuestion): Promise<CodeAnswer> {
  const url = (path: string) => pathToFileURL(join(root, path)).href;
  try {
    const index = await CodeIndex.read({ ...workspaceAt(root), isForeign: true }, {
      stages: tasks.map(({ tool }) => url(tool)),
      roots: tasks.flatMap(({ modules }) => modules.map(url)),
    });
    return {
      type: "code",
      tasks: tasks.map(({ tool, modules }) => {
        const { code, packages, readable } = index.of(url(tool), modules.map(url));
        return { code, packages, readable };
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
