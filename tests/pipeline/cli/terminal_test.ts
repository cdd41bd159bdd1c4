import { assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { main } from "../../../pipeline/cli/main.ts";
import type { Command, Pipeline } from "../../../pipeline/workflow.ts";
import { terminalPrinter } from "../../../pipeline/cli/printers/terminal.ts";
import { inLine, printable } from "../../../pipeline/base/escape.ts";

/** Everything that has to be shown as an escape, by its code points. */
const HARMFUL = [
  0,
  7,
  8,
  0x0d,
  0x1b,
  0x7f,
  0x80,
  0x85,
  0x9b,
  0x9f,
  0xad,
  0x61c,
  0x200b,
  0x200d,
  0x200e,
  0x200f,
  0x2028,
]
  .concat([0x2029, 0x202a, 0x202e, 0x2066, 0x2069, 0xd800, 0xdfff, 0xfeff, 0xfff9, 0xe0041]);

Deno.test("every character that a terminal obeys, or that hides or reorders others, is shown as an escape", () => {
  for (const point of HARMFUL) {
    assertMatch(printable(`a${String.fromCodePoint(point)}b`), /^a(\\u[0-9a-f]{4})+b$/, point.toString(16));
  }
  assertEquals(printable("é 😀 │ 日本\n\tx\r\ny"), "é 😀 │ 日本\n\tx\ny");
  assertEquals(inLine("a\nb\tc"), "a\\u000ab\\u0009c");
});

Deno.test("JSON stays the same value when it is printed", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const text = JSON.stringify(value, null, 2);
    assertEquals(JSON.parse(printable(text)), JSON.parse(text));
  }));
  const harmful = HARMFUL.map((point) => String.fromCodePoint(point)).join("");
  assertEquals(JSON.parse(printable(JSON.stringify([harmful]))), [harmful]);
});

/** Output of a command, captured from the console. */
async function printed(command: Command): Promise<string> {
  const lines: string[] = [];
  const { log, error } = console;
  console.log = (line: string) => void lines.push(line);
  console.error = (line: string) => void lines.push(line);
  try {
    const pipeline = { commands: { x: () => Promise.resolve(command) } } as unknown as Pipeline;
    await main(pipeline, ["x"]);
  } finally {
    Object.assign(console, { log, error });
  }
  return lines.join("\n");
}

Deno.test("no command can print what a terminal obeys, in its lines or its errors", async () => {
  const command = { summary: "", flags: {} };
  const said = await printed({
    ...command,
    run: () => {
      console.log("a\x1b[2J", { "\x9b": "%c" });
      throw new Error("b\u202e");
    },
  });
  assertEquals(said.includes("\x1b") || said.includes("\x9b") || said.includes("\u202e"), false);
  assertMatch(said, /^a\\u001b\[2J .*%c/);
  assertMatch(said, /b\\u202e$/);
});

Deno.test("bars and lines of a terminal have no control sequences but the printer's own", () => {
  let text = "";
  const printer = terminalPrinter({ write: (more) => text += more, columns: () => 80 });
  printer.print({ type: "start", id: "a\x1b[2J", reasons: ["b\u202e"], cores: 1, log: "" });
  printer.print({ type: "notice", message: "c\x9b" });
  printer.close();
  // deno-lint-ignore no-control-regex
  assertEquals(text.replaceAll(/\x1b\[(\d+A\r\x1b\[J)/g, "").match(/[\x1b\x9b\u202e]/), null);
});

Deno.test("what writes past the console is known", async () => {
  const found: string[] = [];
  for (const folder of ["formats", "pipeline", "stages", "treenet", "workflow"]) {
    for (const path of filesBelow(new URL(`../../../${folder}/`, import.meta.url))) {
      const text = await Deno.readTextFile(path);
      if (/Deno\.std(out|err)\.(write|readable|writable)/.test(text)) {
        found.push(path.pathname.split("/").at(-1)!);
      }
    }
  }
  // A child answers its engine; a question, a bar and a count of bytes are drawn.
  assertEquals(found.sort(), ["archive_command.ts", "common_flags.ts", "entry.ts", "terminal.ts"]);
});

function filesBelow(folder: URL): URL[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory
      ? filesBelow(new URL(`${name}/`, folder))
      : name.endsWith(".ts")
      ? [new URL(name, folder)]
      : []
  );
}
