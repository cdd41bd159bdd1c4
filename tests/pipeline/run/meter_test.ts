import { assertAlmostEquals, assertEquals } from "@std/assert";
import { Meter } from "../../../pipeline/run/pace.ts";
import { terminalPrinter } from "../../../pipeline/cli/printers/terminal.ts";
import { linesOf, progressText } from "../../../pipeline/cli/printers/text.ts";
import * as words from "../../../pipeline/base/quantities.ts";

Deno.test("a meter gives rate and time left once it has seen two reports", () => {
  const meter = new Meter();
  assertEquals(meter.update(0, 100, 0), { rate: null, left: null });
  const { rate, left } = meter.update(20, 100, 2000);
  assertAlmostEquals(rate!, 10);
  assertAlmostEquals(left!, 8);
});

Deno.test("a meter follows a change of pace and starts anew with a new phase", () => {
  const meter = new Meter();
  for (let s = 0; s <= 60; s++) meter.update(s, 1000, s * 1000);
  let rate: number | null = 0;
  for (let s = 61; s <= 100; s++) ({ rate } = meter.update(60 + (s - 60) * 5, 1000, s * 1000));
  assertAlmostEquals(rate!, 5, 0.3);
  assertEquals(meter.update(0, 1000, 101_000).rate, null);
});

Deno.test("quantities are written as people read them", () => {
  assertEquals([0.04, 9.94, 9.96, 59.6, 185, 7800].map(words.seconds), [
    "0.0 s",
    "9.9 s",
    "10 s",
    "1 min 00 s",
    "3 min 05 s",
    "2 h 10 min",
  ]);
  assertEquals([0, 512, 1234, 5.6e9].map(words.bytes), ["0 B", "512 B", "1.2 kB", "5.6 GB"]);
});

Deno.test("progress shows share, amount, rate, time left and the note", () => {
  const progress = {
    type: "progress",
    id: "train",
    done: 1050,
    total: 2500,
    note: "loss 6.2",
    rate: 12,
    left: 121,
  } as const;
  assertEquals(progressText(progress), " 42% 1,050 of 2,500, 12/s, 2 min 01 s left, loss 6.2");
  assertEquals(linesOf(progress), []);
});

Deno.test("a terminal shows a bar a running task, below what stays", () => {
  const written: string[] = [];
  const printer = terminalPrinter({ write: (text) => written.push(text), columns: () => 60 });
  printer.print({ type: "start", id: "umap", reasons: ["never built"], cores: 1, log: "x.log" });
  printer.print({ type: "progress", id: "umap", done: 50, total: 100, note: null, rate: 10, left: 5 });
  printer.print({ type: "failed", id: "umap", message: "no", log: null });
  printer.close();
  const half = "█".repeat(12) + "░".repeat(12);
  assertEquals(written, [
    `run     umap: never built\n  ${" ".repeat(24)} umap\n`,
    `\x1b[1A\r\x1b[J  ${half} umap  50% 50 of 100, 10/s, 5.0 …\n`,
    "\x1b[1A\r\x1b[JFAILED  umap: no\n        mend the cause and run the same command again to go on\n",
  ]);
});
