import { assert, assertGreater } from "@std/assert";

const repository = new URL("../../", import.meta.url);

/** The tests that the page of promises names: a file and a test in it, with `…` for the parts that differ. */
async function proofs(): Promise<{ readonly file: string; readonly name: string }[]> {
  const page = await Deno.readTextFile(new URL("docs/reliability.md", repository));
  return [...page.matchAll(/`(tests\/[\w/]+\.ts)` "([^"]+)"/g)].map(([, file, name]) => ({ file, name }));
}

Deno.test("every promise names a test that exists", async () => {
  const all = await proofs();
  assertGreater(all.length, 25);
  for (const { file, name } of all) {
    const text = await Deno.readTextFile(new URL(file, repository));
    const titles = [...text.matchAll(/(?:\btest\(|name: )[`"](.*)[`"],/g)].map(([, title]) => title);
    const pattern = name.split("…").map(RegExp.escape).join(".*");
    assert(titles.some((title) => new RegExp(`^${pattern}$`).test(title)), `${file} has no test "${name}"`);
  }
});

Deno.test("every fault test is named by a promise", async () => {
  const named = await proofs();
  for await (const { name: file, isFile } of Deno.readDir(new URL("tests/faults/", repository))) {
    if (!isFile) continue;
    const text = await Deno.readTextFile(new URL(`tests/faults/${file}`, repository));
    for (const [, title] of text.matchAll(/(?:\btest\(|name: )[`"](.*)[`"],/g)) {
      if (title === "at least 300 kills were made") continue;
      const isNamed = named.some((proof) =>
        proof.file === `tests/faults/${file}` &&
        new RegExp(`^${proof.name.split("…").map(RegExp.escape).join(".*")}$`).test(title)
      );
      assert(isNamed, `docs/reliability.md does not name "${title}" of ${file}`);
    }
  }
});
