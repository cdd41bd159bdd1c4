/**
 * Other programs: compilers, pip, and programs that describe the machine.
 *
 * @module
 */

/** Output of a program. */
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; undefined if no program has that name. */
export async function runTool(
  command: readonly string[],
  options: Pick<Deno.CommandOptions, "env" | "clearEnv" | "cwd" | "signal"> = {},
): Promise<Said | undefined> {
  try {
    const [name, ...args] = command;
    const output = await new Deno.Command(name, { args, stdin: "null", ...options }).output();
    const text = new TextDecoder();
    return { code: output.code, stdout: text.decode(output.stdout), stderr: text.decode(output.stderr) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) {
      return undefined;
    }
    throw error;
  }
}

/** Last lines of a program's output, for a message of one line. */
export function lastWords({ stdout, stderr }: Said, lines = 3): string {
  const said = (stderr.trim() || stdout.trim()).split("\n").map((line) => line.trim()).filter(Boolean);
  return said.slice(-lines).join("; ");
}
