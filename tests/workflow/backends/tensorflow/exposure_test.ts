import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { close, exposure } from "../../../../workflow/backends/tensorflow/install/exposure.ts";
import { readInstallation } from "../../../../workflow/backends/tensorflow/installation.ts";
import { CacheVariable, fakeInstallation, Home } from "../../../tensorflow/home.ts";

async function withInstallation(run: (home: Home, dir: string) => Promise<void>): Promise<void> {
  await using home = await Home.create();
  const dir = await fakeInstallation(home);
  using _ = new CacheVariable(home);
  await run(home, dir);
}

const found = async (dir: string, user?: number) =>
  (await exposure((await readInstallation(dir))!, user))?.found;

Deno.test("a library, its record, its folders and those above them may be written by nobody else", async () => {
  await withInstallation(async (home, dir) => {
    assertEquals(await found(dir), undefined);
    const paths = [
      ...[home.caches, home.cache, dir, join(dir, "lib"), join(dir, "lib/tensorflow")],
      ...[join(dir, "installation.json"), join(dir, "tfjs_binding.node")],
      join(dir, "lib/tensorflow/libtensorflow_cc.so.2"),
    ];
    for (const path of paths) {
      const mode = (await Deno.stat(path)).mode! & 0o7777;
      for (const bit of [0o020, 0o002]) {
        await Deno.chmod(path, mode | bit);
        const state = (mode | bit).toString(8);
        assertEquals(await exposure((await readInstallation(dir))!), {
          found: `others may write ${path} (mode ${state})`,
          next: `run "chmod go-w ${path}"`,
        });
      }
      await Deno.chmod(path, mode);
    }
    assertEquals(await found(dir), undefined);
  });
});

Deno.test("a sticky bit is enough above the cache, not in it", async () => {
  await withInstallation(async (home, dir) => {
    await Deno.chmod(home.caches, 0o1777);
    assertEquals(await found(dir), undefined);
    await Deno.chmod(dir, 0o1777);
    assertEquals(await found(dir), `others may write ${dir} (mode 1777)`);
  });
});

Deno.test("what another user owns is refused, what root owns is not", async () => {
  await withInstallation(async (home, dir) => {
    const { uid } = await Deno.stat(home.dir);
    const other = uid === 0 ? undefined : `${home.dir} belongs to user ${uid}, who may put other code there`;
    assertEquals(await found(dir, 54_321), other);
  });
});

Deno.test("a cache reached through a link is looked at where it is, and where the link is", async () => {
  await withInstallation(async (home, dir) => {
    const elsewhere = join(home.dir, "elsewhere");
    await Deno.rename(home.cache, elsewhere);
    await Deno.symlink(elsewhere, home.cache);
    assertEquals(await found(dir), undefined);
    await Deno.chmod(elsewhere, 0o777);
    assertStringIncludes((await found(dir))!, "(mode 777)");
    await Deno.chmod(elsewhere, 0o755);
    await Deno.chmod(join(home.caches, "treenet"), 0o777);
    assertEquals(await found(dir), `others may write ${join(home.caches, "treenet")} (mode 777)`);
  });
});

Deno.test("an installation that others may write is not loaded, and the message says how to close it", async () => {
  await using home = await Home.create();
  const dir = await fakeInstallation(home);
  await Deno.chmod(dir, 0o777);
  const { code, stderr } = await home.run(["status", "--backend", "tensorflow"]);
  const words = `others may write ${dir} (mode 777), run "chmod go-w ${dir}"`;
  assertEquals([code, stderr], [1, `Cannot use backend tensorflow: ${words}\n`]);
  const auto = await home.run(["reproduce", "--backend", "auto", "--dry-run"]);
  assertStringIncludes(auto.stdout, `backend wasm: the installation of TensorFlow is not trusted: ${words}`);
});

Deno.test("closing takes the right to write from others, and nothing else", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(join(folder, "lib"));
  for (const name of ["a", "lib/b"]) await Deno.writeTextFile(join(folder, name), "");
  await Deno.chmod(join(folder, "a"), 0o777);
  await Deno.chmod(join(folder, "lib/b"), 0o664);
  await Deno.chmod(join(folder, "lib"), 0o2775);
  await close(folder);
  const modes = await Promise.all(
    ["a", "lib", "lib/b"].map(async (name) =>
      ((await Deno.stat(join(folder, name))).mode! & 0o7777).toString(8)
    ),
  );
  assertEquals(modes, ["755", "2755", "644"]);
  await Deno.remove(folder, { recursive: true });
});
