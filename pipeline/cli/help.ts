/**
 * The texts of `--help`.
 *
 * @module
 */
import type { Command, Flags } from "../workflow.ts";

/** Help of one command; `backends` are the values of `--backend`, the default one first. */
export function commandHelp(
  name: string,
  command: Command,
  { flags, backends }: { readonly flags: Flags; readonly backends: readonly string[] },
): string {
  const usage = ["deno task", name, command.names?.usage, "[flags]"].filter(Boolean).join(" ");
  const rows = Object.entries(flags).map(([flag, { value, help }]) =>
    [
      `--${flag}${value ? ` ${value}` : ""}`,
      flag === "backend" ? `${help} (${backends.join(", ")}; default ${backends[0]})` : help,
    ] as const
  );
  return [
    command.summary,
    "",
    `Usage: ${usage}`,
    "",
    ...(command.details ? [...command.details, ""] : []),
    ...table([...rows, ["--help", "show this"]]),
    "",
    `Exit codes: ${command.exits ?? "0 done, 1 failed, 2 bad usage"}`,
  ].join("\n");
}

/** Help of the program. */
export function programHelp(commands: Readonly<Record<string, Command>>): string {
  const rows = Object.entries(commands).map(([name, { summary }]) => [name, summary] as const);
  return ["Usage: deno task COMMAND [flags], deno task COMMAND --help", "", ...table(rows)].join("\n");
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`);
}
