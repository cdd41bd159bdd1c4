import { assert, assertEquals, assertMatch } from "@std/assert";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { exists } from "../../../pipeline/base/files.ts";
import { TemporaryFolder } from "../../../pipeline/base/temporary_folder.ts";

Deno.test("a temporary folder is for this user alone, and gone with its lock when it is disposed of", async () => {
  const folder = TemporaryFolder.create();
  assertMatch(basename(folder.path), /^pipeline-[0-9a-f-]{36}$/);
  assertEquals((await Deno.stat(folder.path)).mode! & 0o777, 0o700);
  await Deno.writeTextFile(join(folder.path, "x"), "");
  folder[Symbol.dispose]();
  assertEquals([await exists(folder.path), await exists(`${folder.path}.lock`)], [false, false]);
});

Deno.test("what a dead process left goes with the next one, a live one's and a link stay", async () => {
  const parent = await Deno.realPath(tmpdir());
  const [dead, link] = [1, 2].map(() => join(parent, `pipeline-${crypto.randomUUID()}`));
  const target = await Deno.makeTempDir({ prefix: "target-" });
  try {
    await Deno.mkdir(join(dead, "below"), { recursive: true });
    await Deno.writeTextFile(`${dead}.lock`, "");
    await Deno.writeTextFile(join(target, "kept"), "");
    await Deno.symlink(target, link);
    using live = TemporaryFolder.create();
    using other = TemporaryFolder.create();
    assert(await exists(live.path) && await exists(other.path));
    assertEquals([await exists(dead), await exists(`${dead}.lock`)], [false, false]);
    assertEquals([await exists(link), await exists(join(target, "kept"))], [true, true]);
  } finally {
    await Deno.remove(link);
    await Deno.remove(target, { recursive: true });
  }
});

Deno.test("processes that make and remove folders at once do not disturb each other", async () => {
  const parent = await Deno.makeTempDir({ prefix: "crowd-" });
  const module = new URL("../../../pipeline/base/temporary_folder.ts", import.meta.url).href;
  const code = `import { TemporaryFolder } from "${module}";
    for (let i = 0; i < 200; i++) { using folder = TemporaryFolder.create(); Deno.lstatSync(folder.path); }`;
  try {
    const ends = await Promise.all(
      Array.from({ length: 6 }, () =>
        new Deno.Command(Deno.execPath(), {
          args: ["eval", "--no-config", code],
          env: { TMPDIR: parent },
          stderr: "piped",
        }).output()),
    );
    assertEquals(ends.map(({ stderr }) => new TextDecoder().decode(stderr)).join(""), "");
    assertEquals([...Deno.readDirSync(parent)], []);
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
});
