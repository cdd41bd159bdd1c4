import { assertEquals } from "@std/assert";
import { CANDIDATES, REFERENCE } from "./backends.ts";
import { COLUMNS, DOCUMENT, MARKS } from "./backend_table.ts";

Deno.test("docs/backends.md has the table's columns, and a full row of every backend", async () => {
  const text = await Deno.readTextFile(DOCUMENT);
  const table = text.slice(text.indexOf(MARKS[0]) + MARKS[0].length, text.indexOf(MARKS[1]));
  const rows = table.split("\n").filter((line) => line.startsWith("|"))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
  assertEquals(rows[0], [...COLUMNS]);
  assertEquals(rows.slice(2).map(([name]) => name), [REFERENCE, ...CANDIDATES].map(({ name }) => name));
  for (const row of rows.slice(2)) {
    assertEquals(row.filter((cell) => cell !== "").length, COLUMNS.length, row[0]);
  }
});
