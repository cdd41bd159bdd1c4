import { assertEquals, assertStringIncludes } from "@std/assert";
import { entryOf, lineOf, median, type Subject } from "./entry.ts";

const subject = { name: "part/case", backend: "wasm", mode: "mul + add", against: "Peer: way" } as const;
const rate: Subject = { ...subject, unit: "images/s" };
const time: Subject = { ...subject, unit: "s" };

Deno.test("a ratio above 1 says that we are faster, whatever the unit", () => {
  const [twice, half] = [[20], [10]];
  assertEquals(entryOf(rate, { ours: twice, peer: half }).ratio, 2);
  assertEquals(entryOf(rate, { ours: half, peer: twice }).ratio, 0.5);
  assertEquals(entryOf(time, { ours: half, peer: twice }).ratio, 2);
  assertEquals(entryOf(time, { ours: twice, peer: half }).ratio, 0.5);
});

Deno.test("an entry has the medians of the runs, four digits of each number", () => {
  const entry = entryOf(time, { ours: [3, 1, 2], peer: [1.23456, 9, 0.5] });
  assertEquals([entry.ours, entry.peer], [2, 1.235]);
  assertEquals(entry.runs, { ours: [3, 1, 2], peer: [1.235, 9, 0.5] });
  assertEquals(entry.ratio, 0.617);
});

Deno.test("the median is the middle run, and the upper of two", () => {
  assertEquals([median([5]), median([4, 1]), median([9, 1, 5])], [5, 4, 5]);
});

Deno.test("a line names what was compared, with medians and spread", () => {
  const line = lineOf(entryOf({ ...rate, note: "as good" }, { ours: [10, 12, 14], peer: [6, 5, 7] }));
  assertStringIncludes(line, "part/case");
  assertStringIncludes(line, "wasm, mul + add");
  assertStringIncludes(line, "2.00×  12 (10–14) against 6 (5–7) images/s of Peer: way; as good");
});
