import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { formatCsv, parseCsv, readCsv, writeCsv } from "../../formats/csv.ts";

const columns = fc.uniqueArray(fc.string().filter((s) => s !== "__proto__"), { minLength: 1, maxLength: 5 });

Deno.test("csv: any text read back equals the text written", () => {
  const table = columns.chain((names) =>
    fc.record({
      columns: fc.constant(names),
      rows: fc.array(
        fc.tuple(...names.map(() => fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", " ") })))
          .map((cells) => Object.fromEntries(cells.map((cell, i) => [names[i], cell]))),
      ),
    })
  );
  fc.assert(fc.property(table, (table) => assertEquals(parseCsv(formatCsv(table)), { ...table })));
});

Deno.test("csv: any number read back is the same double", () => {
  fc.assert(fc.property(fc.double(), (x) => {
    const { rows } = parseCsv(formatCsv({ columns: ["x", "y"], rows: [{ x, y: 1 }] }));
    assertEquals(Number(rows[0].x), x === 0 ? 0 : x);
  }));
});

Deno.test("csv: numbers, booleans and missing cells have one form", () => {
  const rows = [{ a: 0.1, b: 1e21, c: true }, { a: -0, b: NaN, c: null }, { b: 1 / 3 }];
  assertEquals(
    formatCsv({ columns: ["a", "b", "c"], rows }),
    "a,b,c\n0.1,1e+21,true\n0,NaN,\n,0.3333333333333333,\n",
  );
});

Deno.test("csv: lines that end in CR LF are read", () => {
  assertEquals(parseCsv('a,b\r\n1,"x\r\ny"\r\n').rows, [{ a: "1", b: "x\r\ny" }]);
});

Deno.test("csv: a last line without an end is read", () => {
  assertEquals(parseCsv("a,b\n1,").rows, [{ a: "1", b: "" }]);
});

Deno.test("csv: malformed text is refused with the line or record at fault", () => {
  assertThrows(() => parseCsv(""), Error, "it is empty");
  assertThrows(() => parseCsv("a,b\n1\n"), Error, "record 1 has 1 fields, expected 2");
  assertThrows(() => parseCsv('a\nx\ny"z\n'), Error, "line 3 has a stray quote");
  assertThrows(() => parseCsv('a\n"open'), Error, "stray quote");
});

Deno.test("csv: a file read back equals the file written", async () => {
  const path = await Deno.makeTempFile();
  await writeCsv(path, { columns: ["a"], rows: [{ a: "x" }] });
  assertEquals(await readCsv(path), { columns: ["a"], rows: [{ a: "x" }] });
  await Deno.remove(path);
});

Deno.test("csv: a column named twice, a stray carriage return and bytes that are no text are refused", async () => {
  assertThrows(() => parseCsv("a,b,a\n1,2,3\n"), Error, 'it has two columns "a"');
  assertThrows(() => parseCsv("a\rb\n"), Error, "stray quote or carriage return");
  const path = await Deno.makeTempFile();
  await Deno.writeFile(path, Uint8Array.of(97, 10, 0xff));
  await assertRejects(() => readCsv(path), Error, "it is not UTF-8");
  await Deno.remove(path);
});
