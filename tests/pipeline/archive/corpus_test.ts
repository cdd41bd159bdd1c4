import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { HOSTILE } from "./hostile.ts";
import { firstWords, tinyFiles, writeArchive } from "./tiny.ts";

Deno.test("every hostile archive is refused in words that name the reason", async () => {
  const folder = await Deno.makeTempDir({ prefix: "hostile-" });
  const path = join(folder, "a.zip");
  try {
    await writeArchive(path, (await tinyFiles()).files);
    assertEquals(await firstWords(path), "sound");
    for (const { tries, words, write } of HOSTILE) {
      await write(path, await tinyFiles());
      assertMatch(await firstWords(path), words, tries);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("docs/security.md says how many hostile archives there are, and each tries something else", async () => {
  const page = await Deno.readTextFile(new URL("../../../docs/security.md", import.meta.url));
  assertEquals(page.match(/(\d+) hostile archives/)?.[1], String(HOSTILE.length));
  assert(new Set(HOSTILE.map(({ tries }) => tries)).size === HOSTILE.length);
});

Deno.test("what is no plain file is named with its path and never opened", async () => {
  const folder = await Deno.makeTempDir({ prefix: "hostile-" });
  try {
    await new Deno.Command("mkfifo", { args: [join(folder, "fifo")] }).output();
    const said = async (path: string) => await firstWords(path);
    assertMatch(
      await said(folder),
      /^Cannot read the archive .*hostile-.*: it is a folder, expected the \.zip/,
    );
    assertMatch(await said(join(folder, "fifo")), /fifo: it is a pipe, a socket or a device/);
    assertMatch(await said("/dev/zero"), /\/dev\/zero: it is a pipe, a socket or a device/);
    assertMatch(await said(join(folder, "gone.zip")), /gone\.zip: there is no such file/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
