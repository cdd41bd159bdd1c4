/**
 * Questions to git about the tree in one folder, unaffected by a hook's environment.
 *
 * @module
 */

/** Output of git, or the reason there is none. */
export type Answer =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "none"; readonly why: string };

/** Options that prevent the tree's own settings from starting programs. */
const SETTINGS = ["--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"];

/** Runs git without the variables (`GIT_DIR` in a hook, for example) that name another repository. */
export async function git(root: string, args: readonly string[]): Promise<Answer> {
  const variables = Object.entries(Deno.env.toObject()).filter(([name]) => !/^GIT_/i.test(name));
  try {
    const { success, stdout, stderr } = await new Deno.Command("git", {
      args: [...SETTINGS, ...args],
      cwd: root,
      clearEnv: true,
      env: { ...Object.fromEntries(variables), LC_ALL: "C" },
      stdin: "null",
    }).output();
    if (success) return { type: "text", text: new TextDecoder().decode(stdout) };
    const [line] = new TextDecoder().decode(stderr).trim().split("\n");
    return { type: "none", why: line.replace("fatal: ", "") };
  } catch (error) {
    const isMissing = error instanceof Deno.errors.NotFound;
    return { type: "none", why: isMissing ? "git is not installed" : (error as Error).message };
  }
}

/** Paths from `git ls-files -z`; undefined where git gives no answer. */
export async function listed(root: string, args: readonly string[]): Promise<readonly string[] | undefined> {
  const answer = await git(root, ["ls-files", "-z", ...args]);
  return answer.type === "text" ? [...new Set(answer.text.split("\0").slice(0, -1))] : undefined;
}
