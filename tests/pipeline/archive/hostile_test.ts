/**
 * Archives made to do harm, or by others: refused with a reason.
 *
 * @module
 */
import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { ZipWriter } from "@zip.js/zip.js";
import { bagOf } from "../../../pipeline/archive/crate/bag.ts";
import { Allowance, parseJson } from "../../../pipeline/base/strict_json.ts";
import { ArchiveError, checkNames, nameProblem } from "../../../pipeline/base/file_names.ts";
import { Archive } from "../../../pipeline/archive/open.ts";
import { fileOf } from "../../../pipeline/archive/payload.ts";
import { ZipFile } from "../../../pipeline/archive/read_zip.ts";
import { zipTo } from "./archive_support.ts";

/** A zip of these names, in this order, in a temporary file. */
async function withZip(names: readonly string[], use: (path: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempFile({ suffix: ".zip" });
  try {
    await zipTo(path, names.map((name) => fileOf(`contents of ${name}`, name)));
    await use(path);
  } finally {
    await Deno.remove(path);
  }
}

async function refusal(path: string): Promise<string> {
  return (await assertRejects(() => ZipFile.open(path), ArchiveError)).message;
}

Deno.test("names that leave the folder, or that some system cannot have, are refused", () => {
  const names = {
    "../x": "leaves",
    "a/../../x": "leaves",
    "a//b": "leaves",
    "./a": "leaves",
    "/etc/passwd": "absolute",
    "C:/x": "absolute",
    "a\\b": "backslash",
    "a\u0000b": "control",
    "a/": "folder",
    "": "empty",
    "a/nul.txt": "Windows",
    "a./b": "Windows",
    "e\u0301": "normal form",
  };
  for (const [name, why] of Object.entries(names)) {
    assertMatch(nameProblem(name) ?? "accepted", new RegExp(why), name);
  }
  for (const name of ["a/b.txt", "a/.logs/x", "a/é.txt", "a/..b"]) assertEquals(nameProblem(name), undefined);
});

Deno.test("a zip with such a name is refused before anything is unpacked", async () => {
  for (const name of ["../escaped.txt", "/absolute.txt", "a\\b"]) {
    await withZip([name], async (path) => {
      assertMatch(await refusal(path), /Cannot accept the archive: the name/);
    });
  }
});

Deno.test("a name that is there twice is refused, also where only the case differs", async () => {
  await withZip(["a/B", "a/b"], async (path) => assertMatch(await refusal(path), /is also a\/B/));
  await assertRejects(
    async () => await Promise.resolve(checkNames(["a/b", "a/b"])),
    ArchiveError,
    "is there twice",
  );
  await assertRejects(
    async () => await Promise.resolve(checkNames(["a", "a/b"])),
    ArchiveError,
    "a file and a folder",
  );
});

Deno.test("all JSON of an archive shares one allowance", () => {
  const allowance = new Allowance();
  const text = JSON.stringify("x".repeat(4e7));
  parseJson(text, allowance);
  assertThrows(() => parseJson(text, allowance), Error, "brings all JSON to more than 67108864 characters");
});

Deno.test("a link is refused", async () => {
  await withZip(["a/link"], async (path) => {
    const bytes = await Deno.readFile(path);
    const central = bytes.length - 98 - (66 + 6);
    new DataView(bytes.buffer).setUint32(central + 38, 0xa1ff0000, true);
    await Deno.writeFile(path, bytes);
    assertMatch(await refusal(path), /"a\/link" is a link/);
  });
});

Deno.test("a compressed file is refused: nothing is ever unpacked to more than it is", async () => {
  const path = await Deno.makeTempFile({ suffix: ".zip" });
  const file = await Deno.open(path, { write: true });
  const writer = new ZipWriter(file.writable, { useWebWorkers: false, zip64: true });
  await writer.add("a/bomb", new Blob([new Uint8Array(1e6)]).stream());
  await writer.close();
  assertMatch(await refusal(path), /not canonical/);
  await Deno.remove(path);
});

Deno.test("wrong sizes are refused: of a file, of the directory, of the whole", async () => {
  await withZip(["a/b", "a/c"], async (path) => {
    const bytes = await Deno.readFile(path);
    const poke = async (at: number) => {
      const copy = bytes.slice();
      copy[at] ^= 0x40;
      await Deno.writeFile(path, copy);
      assertMatch(await refusal(path), /not canonical/);
    };
    const central = bytes.length - 98 - 2 * (66 + 3);
    await poke(central + 46 + 3 + 4); // packed size of a/b
    await poke(central + 46 + 3 + 12); // unpacked size of a/b
    await poke(bytes.length - 98 + 40); // size of the directory
    await poke(bytes.length - 98 + 24); // number of entries
    await Deno.writeFile(path, bytes.slice(0, -5));
    assertMatch(await refusal(path), /cut short|not canonical/);
    await Deno.writeFile(path, new Uint8Array([...bytes, 0]));
    assertMatch(await refusal(path), /not canonical/);
  });
});

Deno.test("a sound zip that is no bag is refused", async () => {
  await withZip(["a/b"], async (path) => {
    await assertRejects(() => Archive.open(path), ArchiveError, "it has no bag-info.txt");
  });
  await withZip(["a/b", "c/d"], async (path) => {
    await assertRejects(() => Archive.open(path), ArchiveError, "do not lie in one folder");
  });
});

Deno.test("what is packed and in no manifest is found", async () => {
  const path = await Deno.makeTempFile({ suffix: ".zip" });
  const bag = bagOf([fileOf("x", "x")], { "External-Identifier": "t" });
  const files = [...bag.files, fileOf("y", "data/y")].sort((a, b) => a.name < b.name ? -1 : 1);
  await zipTo(path, files.map((file) => ({ ...file, name: `t-${bag.digest}/${file.name}` })));
  using archive = await Archive.open(path);
  assertEquals((await archive.check()).map(({ where }) => where), ["data/y", "bag-info.txt"]);
  await Deno.remove(path);
});
