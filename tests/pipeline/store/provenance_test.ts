/**
 * The commit that a run records: of this tree, or none.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { commitOf } from "../../../pipeline/store/run_record.ts";
import { committed, git } from "../../fixtures/git_checkout.ts";

/** A folder with a profile in it. */
async function tree(folder: string): Promise<string> {
  await Deno.mkdir(`${folder}/profiles`, { recursive: true });
  await Deno.writeTextFile(`${folder}/profiles/quick.json`, "{}");
  return folder;
}

Deno.test("the commit is of this tree, and says what is not in it", async (t) => {
  const root = await tree(await Deno.makeTempDir());
  const commit = await committed(root);
  const modified = `${commit} (modified)`;
  assertEquals(await commitOf(root), commit);

  await t.step("what no key can reach does not count", async () => {
    for (const name of ["notes.txt", "profiles/.quick.json.swp", "profiles/quick.json~"]) {
      await Deno.writeTextFile(`${root}/${name}`, "");
    }
    assertEquals(await commitOf(root), commit);
  });

  await t.step("a new profile, model or stage does, an ignored one too", async () => {
    await Deno.mkdir(`${root}/treenet/models`, { recursive: true });
    await Deno.writeTextFile(`${root}/.git/info/exclude`, "*.ts\n");
    for (const name of ["profiles/mine.json", "treenet/models/mine.ts", "package.json"]) {
      await Deno.writeTextFile(`${root}/${name}`, "");
      assertEquals(await commitOf(root), modified, name);
      await Deno.remove(`${root}/${name}`);
    }
  });

  await t.step("an edit does", async () => {
    await Deno.writeTextFile(`${root}/profiles/quick.json`, "[]");
    assertEquals(await commitOf(root), modified);
    await git(root, "checkout", "--quiet", ".");
  });

  await t.step("an edit that git was told not to look at does", async () => {
    for (const flag of ["assume-unchanged", "skip-worktree"]) {
      await git(root, "update-index", `--${flag}`, "profiles/quick.json");
      await Deno.writeTextFile(`${root}/profiles/quick.json`, "[]");
      assertEquals(await commitOf(root), modified, flag);
      await git(root, "update-index", `--no-${flag}`, "profiles/quick.json");
      await git(root, "checkout", "--quiet", ".");
    }
  });

  await t.step("a worktree is a tree of its own", async () => {
    await git(root, "worktree", "add", "--quiet", `${root}/other`);
    assertEquals(await commitOf(`${root}/other`), commit);
  });

  await t.step("the settings of the tree start no program", async () => {
    await Deno.writeTextFile(`${root}/hook`, "#!/bin/sh\ntouch started\n", { mode: 0o755 });
    await git(root, "config", "core.fsmonitor", `${root}/hook`);
    assertEquals(await commitOf(root), commit);
    assertEquals([...Deno.readDirSync(root)].filter(({ name }) => name === "started"), []);
  });
  await Deno.remove(root, { recursive: true });
});

Deno.test("a commit of another repository is not recorded", async (t) => {
  const outer = await Deno.makeTempDir();
  await committed(outer);
  const root = await tree(`${outer}/treenet`);

  await t.step("of one around the tree", async () => assertEquals(await commitOf(root), null));

  await t.step("of one around the tree that has it, too", async () => {
    await git(outer, "add", "--all");
    await git(outer, "commit", "--quiet", "--message", "Copied");
    assertEquals(await commitOf(root), null);
  });

  await t.step("of one that variables name", async () => {
    const own = await tree(await Deno.makeTempDir());
    const commit = await committed(own);
    const variables = {
      GIT_DIR: `${outer}/.git`,
      GIT_WORK_TREE: outer,
      GIT_INDEX_FILE: `${outer}/.git/index`,
    };
    const code = `import { commitOf } from ${
      JSON.stringify(import.meta.resolve("../../../pipeline/store/run_record.ts"))
    };
      console.log(await commitOf(Deno.args[0]));`;
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--no-config", code, own],
      env: variables,
    }).output();
    assertEquals(new TextDecoder().decode(stdout).trim(), commit);
    await Deno.remove(own, { recursive: true });
  });

  await t.step("there is none without a repository and without a commit", async () => {
    const alone = await tree(await Deno.makeTempDir());
    assertEquals(await commitOf(alone), null);
    await git(alone, "init", "--quiet");
    assertEquals(await commitOf(alone), null);
    await Deno.remove(alone, { recursive: true });
  });
  await Deno.remove(outer, { recursive: true });
});
