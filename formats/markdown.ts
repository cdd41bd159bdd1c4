/**
 * The forms of GitHub's Markdown that a report uses.
 *
 * @module
 */

/** A pipe table; cells are Markdown, `align` one letter a column (l, r, c). */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  options: { readonly align?: string } = {},
): string {
  const rules = { l: ":--", r: "--:", c: ":-:" } as const;
  const align = [...(options.align ?? "l".repeat(header.length))] as (keyof typeof rules)[];
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(header), `|${align.map((letter) => rules[letter]).join("|")}|`, ...rows.map(line)].join("\n");
}

function cell(content: string): string {
  return content.replace(/(?<!\\)\|/g, "\\|").replaceAll("\n", " ");
}

/** A fold; blank lines let the Markdown inside be read as such. */
export function details(summary: string, content: string): string {
  return `<details>\n<summary>${summary}</summary>\n\n${content}\n\n</details>`;
}

export function image(alt: string, path: string): string {
  return `![${alt}](${path})`;
}

/** A fenced block. */
export function fence(language: string, content: string): string {
  return "```" + `${language}\n${content}\n` + "```";
}

/** Sections with a blank line between; empty ones left out. */
export function joined(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== "").join("\n\n");
}
