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

/** Escapes the characters that Markdown or HTML would read as markup. */
export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replace(/([\\`*_[\]|])/g, "\\$1");
}

/** A section that can be folded; blank lines let its Markdown be read as such. */
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

/** Anchor of a task's row in the provenance table: `probe[cnn,0]` → `probe-cnn-0`. */
export function anchor(task: string): string {
  return task.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/-$/, "");
}

/** Content that links to its artifact. */
export function from(task: string, content: string): string {
  return `[${content}](#${anchor(task)})`;
}

/** Placeholder for a volatile fact of a task; the engine fills it in from run.json at publication. */
export function volatile(task: string, field: string): string {
  return `{{run ${task} ${field}}}`;
}

/** Placeholder for `amount` per second of a task's run; empty if the run has recorded the field `unless`. */
export function rate(task: string, amount: number, { unless }: { readonly unless: string }): string {
  return `{{rate ${task} ${amount} unless ${unless}}}`;
}

/** Joins sections with a blank line between; empty ones are left out. */
export function joined(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== "").join("\n\n");
}
