/**
 * Parts of a document that a task writes, between marks that name them.
 *
 * @module
 */

const TASK = "deno task docs:performance";

/** The text with the part `name` replaced. Throws an Error where its marks are missing. */
export function withPart(
  text: string,
  { name, content, task = TASK }: {
    readonly name: string;
    readonly content: string;
    /** The task's command. */
    readonly task?: string;
  },
): string {
  const [begin, end] = [`<!-- ${name}: ${task} -->`, `<!-- end of ${name} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) {
    throw new Error(
      `Cannot write part "${name}": found no ${begin} before ${end}, put both into the document`,
    );
  }
  return `${text.slice(0, from + begin.length)}\n\n${content}\n\n${text.slice(to)}`;
}

/** A Markdown document in the form of `deno fmt`. */
export async function formatted(markdown: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext", "md", "-"],
    cwd: new URL("../../../", import.meta.url),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = child.output();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(markdown));
  await writer.close();
  const { success, stdout, stderr } = await output;
  if (!success) throw new Error(`Cannot format Markdown: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}
