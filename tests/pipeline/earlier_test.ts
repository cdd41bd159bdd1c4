import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { dirname, join } from "node:path";
import { exists } from "../../pipeline/files.ts";
import { sealed } from "../../pipeline/sealed.ts";
import { Workspace } from "./workspace.ts";

const OLD = "0123456789abcdef";

/** Makes the artifacts of a store what format 2 left: keys that name files, in folders of those keys. */
async function makeEarlier(workspace: Workspace): Promise<readonly string[]> {
  const folders: string[] = [];
  for (const { dir } of Object.values(await workspace.status())) {
    const path = join(workspace.root, dir!, "artifact.json");
    const { seal: _, modules, ...record } = JSON.parse(await Deno.readTextFile(path));
    const old = { ...record, format: 2, key: { ...record.key, code: modules } };
    await Deno.writeTextFile(path, JSON.stringify(sealed(old)));
    folders.push(join(workspace.root, dirname(dir!), OLD));
    await Deno.rename(dirname(path), folders.at(-1)!);
  }
  return folders;
}

Deno.test("artifacts of an earlier version are told, left alone, and removed where that is asked for", async (t) => {
  await using workspace = await Workspace.create();
  const { built } = await workspace.reproduce();
  const digests = Object.values(await workspace.status()).map(({ digest }) => digest);
  const folders = await makeEarlier(workspace);

  await t.step("no task is fresh, and status and why say why, once", async () => {
    for (const { state, reasons } of Object.values(await workspace.status())) {
      assertEquals([state, reasons[0]], ["missing", "made by an earlier version"]);
    }
    for (const command of [["status"], ["why", "apply-model"]]) {
      const { code, stdout } = await workspace.run(...command);
      assertEquals([code, stdout.match(/Artifacts of an earlier version/g)?.length], [0, 1]);
      assertStringIncludes(stdout, 'Run "deno task reproduce" again');
    }
  });

  await t.step("verify passes them over", async () => {
    const { code, stdout } = await workspace.run("verify");
    assertEquals(code, 0);
    assertMatch(
      stdout,
      /ignored +artifact\.json \(of an earlier version\) in artifacts\/numbers\/main\/0123456789abcdef/,
    );
  });

  await t.step("the next run builds all with the same bytes, and deletes nothing", async () => {
    assertEquals((await workspace.reproduce()).built, built);
    assertEquals(Object.values(await workspace.status()).map(({ digest }) => digest), digests);
    for (const folder of folders) assert(await exists(folder));
    assert(!(await workspace.run("status")).stdout.includes("earlier version"));
  });

  await t.step("clean removes them and nothing that is fresh", async () => {
    assertEquals((await workspace.run("clean")).code, 0);
    for (const folder of folders) assert(!await exists(folder));
    assertEquals((await workspace.reproduce()).fresh, built);
  });
});
