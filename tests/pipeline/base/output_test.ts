import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { UsageError } from "../../../pipeline/base/errors.ts";
import { begins, openOutput, replaceFile } from "../../../pipeline/base/output_file.ts";

/** A repository with a store, and a folder of the user's with a file to read, an output and another file. */
async function withDesk(use: (desk: string, root: string) => Promise<void>): Promise<void> {
  const top = await Deno.realPath(await Deno.makeTempDir());
  const desk = join(top, "desk");
  try {
    for (const folder of ["repository/artifacts", "desk/folder"]) {
      await Deno.mkdir(join(top, folder), { recursive: true });
    }
    for (const name of ["input", "ours", "theirs"]) {
      await Deno.writeTextFile(join(desk, name), `${name} of old`);
    }
    await use(desk, join(top, "repository"));
  } finally {
    await Deno.remove(top, { recursive: true });
  }
}

const isOurs = (path: string) => begins(path, 4, (bytes) => new TextDecoder().decode(bytes) === "ours");

Deno.test("an output replaces an earlier output of its command, and nothing else", () =>
  withDesk(async (desk, root) => {
    const at = (name: string) => join(desk, name);
    const open = (path: string) => openOutput(path, { root, inputs: [at("input")], kind: "picture", isOurs });
    await Deno.link(at("input"), at("hard"));
    await Deno.symlink("input", at("soft"));
    await Deno.symlink("ours", at("ours-too"));
    await Deno.symlink("nothing", at("dangling"));
    await Deno.symlink(".", at("here"));
    await Deno.symlink(join(root, "artifacts"), at("store"));
    const refused: [string, string][] = [
      [at("input"), "it is the file to read"],
      [at("folder/../input"), "it is the file to read"],
      [at("here/input"), "it is the file to read"],
      [at("hard"), "it is the file to read"],
      [at("soft"), "it is the file to read"],
      [at("theirs"), "it is there and is no picture, move it or give another --out"],
      [at("dangling"), "it is a link to nothing"],
      [at("folder"), "it is a folder, name a file in it"],
      [at("gone/new"), `there is no folder ${at("gone")}, make it or give another --out`],
      [at("theirs/new"), `there is no folder ${at("theirs")}`],
      [at("store/new"), "artifacts/ holds artifacts alone"],
      ["/dev/null", "it is no plain file"],
    ];
    for (const [path, state] of refused) {
      await assertRejects(async () => await open(path), UsageError, `Cannot write ${path}: ${state}`);
    }
    for (const [name, target] of [["new", "new"], ["ours", "ours"], ["ours-too", "ours"]]) {
      const output = await open(at(name));
      assertEquals(output.path, at(target));
      await output.write(new TextEncoder().encode(`ours by ${name}`));
      assertEquals(await Deno.readTextFile(at(target)), `ours by ${name}`);
    }
    assertEquals((await Deno.lstat(at("ours-too"))).isSymlink, true);
    assertEquals(await Deno.readTextFile(at("hard")), "input of old");
  }));

Deno.test("a write that fails leaves the old file and nothing beside it", () =>
  withDesk(async (desk) => {
    const names = () => [...Deno.readDirSync(desk)].map(({ name }) => name).sort();
    const before = names();
    await Deno.symlink("theirs", join(desk, ".ours.new"));
    await replaceFile(join(desk, "ours"), new Uint8Array([1]));
    assertEquals(
      await Deno.readTextFile(join(desk, "theirs")),
      "theirs of old",
      "a link in the way is not followed",
    );
    assertEquals(names(), before);
    await assertRejects(async () => await replaceFile(join(desk, "folder"), new Uint8Array([1])));
    assertEquals(names(), before);
  }));
