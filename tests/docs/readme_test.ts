import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { readCsv } from "../../formats/csv.ts";
import { percent, points } from "../../formats/written_numbers.ts";

const ROOT = new URL("../../", import.meta.url);
const README = new URL("README.md", ROOT);
const MARKS = [
  "<!-- table1: deno test -A tests/docs/readme_test.ts -- --update -->",
  "<!-- end of table1 -->",
];

/** Published reports whose Table 1 the README quotes. */
const PROFILES = ["quick", "cpu-2026-11"];

type Cells = readonly string[];

/** The README's table: its head, then a row a model with the paper's number and that of every profile. */
async function quotedTable(): Promise<readonly Cells[]> {
  const tables = await Promise.all(PROFILES.map(modelsOf));
  const rows = tables[0].map(({ type, paper }, i) => [
    type,
    percent(Number(paper)),
    ...tables.map((rows) => `${percent(Number(rows[i].linear))} (${points(Number(rows[i].gain))})`),
  ]);
  return [["Model", "Paper", ...PROFILES.map((name) => `\`${name}\``)], ...rows];
}

async function modelsOf(profile: string) {
  const { rows } = await readCsv(fileURLToPath(new URL(`reports/${profile}/table1.csv`, ROOT)));
  return rows.filter(({ control }) => control === "false");
}

/** Cells of the table between the marks, without the line under the head. */
function cellsBetweenMarks(text: string): readonly Cells[] {
  const part = text.slice(text.indexOf(MARKS[0]), text.indexOf(MARKS[1]));
  const lines = part.split("\n").filter((line) => line.startsWith("|"));
  return lines.map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()))
    .filter(([first]) => !/^:?-+:?$/.test(first));
}

async function update(rows: readonly Cells[]): Promise<void> {
  const text = await Deno.readTextFile(README);
  const line = (cells: Cells) => `| ${cells.join(" | ")} |`;
  const table = [
    line(rows[0]),
    line(rows[0].map((_, i) => i === 0 ? "---" : "--:")),
    ...rows.slice(1).map(line),
  ];
  const [from, to] = [text.indexOf(MARKS[0]) + MARKS[0].length, text.indexOf(MARKS[1])];
  await Deno.writeTextFile(README, `${text.slice(0, from)}\n\n${table.join("\n")}\n\n${text.slice(to)}`);
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", fileURLToPath(README)] }).output();
}

Deno.test("the README's Table 1 is that of the published reports", async () => {
  const rows = await quotedTable();
  if (Deno.args.includes("--update")) await update(rows);
  assertEquals(rows.length, 5);
  assertEquals(cellsBetweenMarks(await Deno.readTextFile(README)), rows);
});

Deno.test("the README has at most 110 lines", async () => {
  const lines = (await Deno.readTextFile(README)).trimEnd().split("\n").length;
  assert(lines <= 110, `it has ${lines}`);
});
