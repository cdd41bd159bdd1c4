/**
 * Repositories of git for tests.
 *
 * @module
 */

/** Runs git in a folder, with nobody's settings; returns what it printed. */
export async function git(folder: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("git", {
    args: ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", ...args],
    cwd: folder,
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH") ?? "" },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(text.decode(stderr));
  return text.decode(stdout).trim();
}

/** Makes a folder a repository with all that lies in it; returns the commit. */
export async function committed(folder: string): Promise<string> {
  await git(folder, "init", "--quiet");
  await git(folder, "add", "--all");
  await git(folder, "commit", "--quiet", "--allow-empty", "--message", "All");
  return await git(folder, "rev-parse", "HEAD");
}
