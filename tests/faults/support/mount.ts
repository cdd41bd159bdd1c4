/**
 * File systems of a test's own, where the system lets it have them.
 *
 * @module
 */

/** Runs a line of shell. */
export async function shell(
  line: string,
  cwd = "/",
): Promise<{ readonly code: number; readonly text: string }> {
  const { code, stdout, stderr } = await new Deno.Command("sh", { args: ["-c", line], cwd, stdin: "null" })
    .output();
  return { code, text: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

/** A file system of its own at a path, or the reason why there can be none. */
export async function mount(path: string, options: string): Promise<AsyncDisposable | string> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return "mounting needs root on Linux";
  const { code, text } = await shell(`mount ${options} '${path}'`);
  if (code !== 0) return text.trim();
  return { [Symbol.asyncDispose]: async () => void await shell(`umount '${path}'`) };
}

/** The reason that a test cannot mount here; undefined where it can. */
async function reasonNotToMount(): Promise<string | undefined> {
  const folder = await Deno.makeTempDir();
  const mounted = await mount(folder, "-t tmpfs -o size=1m tmpfs");
  if (typeof mounted === "string") return mounted;
  await mounted[Symbol.asyncDispose]();
}

export const reason = await reasonNotToMount();
/** Addition to the names of tests that mount. */
export const mounting = reason === undefined ? "" : ` (not run here: ${reason})`;
