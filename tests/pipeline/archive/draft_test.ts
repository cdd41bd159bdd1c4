/**
 * An archive that is not finished leaves nothing, and what a killed one left goes with the next.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { bagOf } from "../../../pipeline/archive/crate/bag.ts";
import { Draft } from "../../../pipeline/archive/draft.ts";
import { type NamedBag, writeBag } from "../../../pipeline/archive/make.ts";
import { fileFrom, fileOf } from "../../../pipeline/archive/payload.ts";

const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("what a killed archive left goes with the next one, what is another's stays", async () => {
  const folder = await Deno.makeTempDir();
  const others = ["a.zip", "a.zip.0123abcd.tmp", "b.archive.tmp", "c.zip.0123abcg.archive.tmp"];
  for (const name of [...others, "old.zip.0123abcd.archive.tmp"]) {
    await Deno.writeTextFile(`${folder}/${name}`, "");
  }
  await Deno.symlink(`${folder}/a.zip`, `${folder}/d.zip.0123abcd.archive.tmp`);
  {
    await using _held = await Draft.create(`${folder}/held.zip`);
    await using _next = await Draft.create(`${folder}/a.zip`);
    const kinds = names(folder).map((name) => name.replace(/^(held|a)\.zip\.[0-9a-f]{8}\.archive/, "$1"))
      .sort();
    assertEquals(kinds, [...others, "a.tmp", "d.zip.0123abcd.archive.tmp", "held.tmp"].sort());
  }
  assertEquals(names(folder), [...others, "d.zip.0123abcd.archive.tmp"]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("an archive that is stopped, or cannot be written, leaves nothing", async () => {
  const folder = await Deno.makeTempDir();
  const files = Array.from({ length: 20 }, (_, i) => fileOf(new Uint8Array(100_000), `file-${i}`));
  const bag: NamedBag = { ...bagOf(files, {}), name: "test" };
  const stop = new AbortController();
  let told = 0;
  const progress = (done: number) => {
    told = done;
    if (done > 1_000_000) stop.abort(new Error("stopped"));
  };
  const written = writeBag(bag, { to: `${folder}/a.zip`, signal: stop.signal, progress });
  await assertRejects(() => written, Error, "stopped");
  assertEquals([told < 2_000_000, names(folder)], [true, []]);

  await Deno.mkdir(`${folder}/b.zip`);
  const signal = new AbortController().signal;
  const error = await assertRejects(() => writeBag(bag, { to: `${folder}/b.zip`, signal }), Error);
  assertEquals(
    error.message,
    `Cannot write ${folder}/b.zip, make room there or pass another path with --out`,
  );
  assertEquals(names(folder), ["b.zip"]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test({
  name: "a fifo is answered, not waited for",
  ignore: Deno.build.os === "windows",
  async fn() {
    const folder = await Deno.makeTempDir();
    await new Deno.Command("mkfifo", { args: [`${folder}/pipe`] }).output();
    await assertRejects(() => fileFrom(`${folder}/pipe`, "pipe"), Error, "is no plain file");
    await Deno.remove(folder, { recursive: true });
  },
});
