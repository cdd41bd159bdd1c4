/**
 * Archives that want to run, to be told or to read something, given to the commands as a user gives them.
 *
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { METADATA } from "../../pipeline/archive/crate/crate.ts";
import { fileOf } from "../../pipeline/archive/payload.ts";
import { folderOf } from "../../pipeline/tasks/key.ts";
import { sealed } from "../../pipeline/base/sealed_json.ts";
import { filesOf, packed, resummed } from "../pipeline/archive/archive_support.ts";
import { codeOf, type Files, writeArchive } from "../pipeline/archive/tiny.ts";
import { Workspace } from "../fixtures/test_workspace.ts";

const STAGES = "tests/fixtures/workflow/stages";

/** The payload of an archive. */
async function payloadOf(path: string): Promise<Files> {
  const files = [...await filesOf(path)].filter(([name]) => name.startsWith("data/"));
  return new Map(files.map(([name, text]) => [name.slice("data/".length), text]));
}

/** Writes a changed payload with every digest of it made to fit; returns the path. */
async function written(path: string, files: Files): Promise<string> {
  const all = [...files].map(([name, text]) => fileOf(text, name));
  const metadata = await resummed(fileOf(files.get(METADATA)!, METADATA), all);
  files.set(METADATA, await new Response(await metadata.open()).text());
  await writeArchive(path, files, { "External-Identifier": "fixture-quick" });
  return path;
}

/** Another report stage in an archive, with the key that follows from it. */
async function withReport(files: Files, edit: (source: string) => string): Promise<Files> {
  const module = `repository/${STAGES}/report/run.ts`;
  files.set(module, edit(files.get(module)!));
  const { code, packages } = await codeOf(files, module);
  const record = [...files.keys()].find((name) =>
    /artifacts\/report\/main\/\w+\/artifact\.json$/.test(name)
  )!;
  const { seal: _, ...artifact } = JSON.parse(files.get(record)!);
  const key = { ...artifact.key, code, packages };
  files.set(record, JSON.stringify(sealed({ ...artifact, key })));
  const [old, now] = [folderOf(artifact.key), folderOf(key)];
  const result = new Map([...files].map(([name, text]) => [name.replace(old, now), text] as const));
  result.set(METADATA, files.get(METADATA)!.replaceAll(old, now));
  return result;
}

Deno.test("archives of strangers", async (t) => {
  await using workspace = await Workspace.create();
  const { path } = await packed(workspace);
  const forged = `${path}.forged.zip`;

  await t.step(
    "with settings of their own ask no server, run no script and are told no variable",
    async () => {
      const asked: string[] = [];
      await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
        asked.push(`${request.url} ${request.headers.get("authorization")}`);
        return new Response(null, { status: 404 });
      });
      const host = `127.0.0.1:${server.addr.port}`;
      const files = await payloadOf(path);
      const settings = JSON.parse(files.get("repository/deno.json")!);
      settings.nodeModulesDir = "auto";
      settings.allowScripts = ["npm:@evil/x"];
      files.set("repository/deno.json", JSON.stringify(settings));
      files.set("repository/package.json", `{"dependencies":{"@evil/x":"1.0.0"}}`);
      files.set("repository/.npmrc", `@evil:registry=http://${host}/\n//${host}/:_authToken=\${CANARY}\n`);
      await written(forged, files);
      for (
        const args of [["verify", forged], ["verify", "--replay", forged], ["restore", forged], [
          "diff",
          forged,
          "quick",
        ]]
      ) {
        await workspace.spawnWith({ CANARY: "told" }, ...args).output();
      }
      assertEquals(asked, []);
    },
  );

  await t.step("whose report reads, asks or connects where it should not get nothing", async () => {
    const secret = join(workspace.root, "secret.txt");
    await Deno.writeTextFile(secret, "CANARY of a file");
    const files = await withReport(await payloadOf(path), (source) =>
      source.replace(
        "const lines = [",
        `const tried: string[] = [];
         const attempt = async (what: () => unknown) => tried.push(await Promise.try(what).then(String, ({ name }) => name));
         await attempt(() => Deno.readTextFileSync(${JSON.stringify(secret)}.toString()));
         await attempt(() => Deno.env.get("CANARY"));
         await attempt(() => Deno.connect({ port: 9 }));
         await attempt(() => new Deno.Command("true").outputSync());
         await attempt(() => Deno.readTextFileSync("/proc/self/environ"));
         throw new Error("tried: " + tried.join());
         const lines = [`,
      ));
    await written(forged, files);
    const child = workspace.spawnWith({ CANARY: "CANARY of a variable" }, "verify", "--replay", forged);
    const { code, stdout } = await child.output();
    const said = new TextDecoder().decode(stdout);
    assertEquals(code, 1, said);
    assertMatch(said, /keys +sound/);
    assertMatch(said, /tried: NotCapable,undefined,NotCapable,NotCapable,NotCapable/);
    assertEquals(said.includes("CANARY"), false, said);
  });

  await t.step("whose code exhausts the parser are refused, and nothing crashes", async () => {
    const files = await payloadOf(path);
    const module = `repository/${STAGES}/numbers/base.ts`;
    files.set(module, `${files.get(module)}\nexport const deep = ${"(".repeat(2e5)}1${")".repeat(2e5)};`);
    await written(forged, files);
    const { code, stdout } = await workspace.run("verify", forged);
    assertEquals(code, 1, stdout);
    assertMatch(stdout, /the packed source: its code cannot be parsed in 1024 MiB and 120000 ms/);
  });

  await t.step("leave no temporary folder, whether they are read to the end or interrupted", async () => {
    const folder = await Deno.makeTempDir({ prefix: "interrupted-", dir: workspace.root });
    const here = () => [...Deno.readDirSync(folder)].map(({ name }) => name);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"] as const) {
      const child = workspace.spawnWith({ TMPDIR: folder }, "verify", path);
      while (here().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      child.kill(signal);
      await child.output();
      assertEquals(here().length > 0, signal === "SIGKILL", signal);
    }
    await workspace.spawnWith({ TMPDIR: folder }, "verify", path).output();
    assertEquals(here(), []);
  });

  await t.step("are copied whole or not at all, and what a killed copy left goes with the next", async () => {
    const artifacts = join(workspace.root, "artifacts");
    const left = join(artifacts, ".staging", "report-main-0123abcd");
    for (const signal of ["SIGINT", "SIGKILL"] as const) {
      for (const { name } of [...Deno.readDirSync(artifacts)].filter(({ name }) => /^[a-z]/.test(name))) {
        await Deno.remove(join(artifacts, name), { recursive: true });
      }
      const child = workspace.spawn("restore", path);
      while (![...Deno.readDirSync(artifacts)].some(({ name }) => /^[a-z]/.test(name))) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      child.kill(signal);
      const { code, stderr } = await child.output();
      if (signal === "SIGINT" && code !== 0) {
        assertMatch(new TextDecoder().decode(stderr), /^Stopped: \d of \d artifacts are in the store/);
      }
      assertEquals((await workspace.run("verify")).code, 0);
    }
    await Deno.mkdir(left, { recursive: true });
    assertEquals((await workspace.run("restore", path)).code, 0);
    assertEquals([...Deno.readDirSync(join(artifacts, ".staging"))], []);
  });
});
