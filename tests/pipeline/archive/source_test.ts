/**
 * The source that an archive packs, and its description in the archive.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Archive } from "../../../pipeline/archive/open.ts";
import { isSealed } from "../../../pipeline/base/sealed_json.ts";
import { committed } from "../../fixtures/git_checkout.ts";
import { Workspace } from "../../fixtures/test_workspace.ts";
import { filesOf, packed } from "./archive_support.ts";

const FIXTURE = "tests/fixtures/workflow";
const STRAYS = [
  `${FIXTURE}/.env`,
  `${FIXTURE}/.mod.ts.swp`,
  `${FIXTURE}/#mod.ts#`,
  `${FIXTURE}/mod.ts~`,
  `${FIXTURE}/id_rsa`,
  `${FIXTURE}/.venv/x.py`,
  `${FIXTURE}/node_modules/x.js`,
  "reports/quick/private.txt",
];

async function littered(): Promise<Workspace> {
  const workspace = await Workspace.create();
  await workspace.reproduce();
  for (const name of ["node_modules", ".venv"]) await Deno.mkdir(`${workspace.root}/${FIXTURE}/${name}`);
  for (const name of STRAYS) await Deno.writeTextFile(`${workspace.root}/${name}`, "secret");
  if (Deno.build.os !== "windows") {
    await new Deno.Command("mkfifo", { args: [`${workspace.root}/${FIXTURE}/pipe`] }).output();
  }
  return workspace;
}

/** Names below the repository's folder. */
async function namesIn(path: string): Promise<string[]> {
  const tree = "data/repository/";
  return [...(await filesOf(path)).keys()].filter((name) => name.startsWith(tree))
    .map((name) => name.slice(tree.length));
}

Deno.test("the source of an archive is what git tracks, and what the run needs besides", async (t) => {
  await using workspace = await littered();
  const { root } = workspace;
  const archive = async (...flags: string[]) => {
    const { code, stdout, stderr } = await workspace.run("archive", "--out", `${root}/a.zip`, ...flags);
    assertEquals(code, 0, stderr);
    return { said: stdout, names: await namesIn(`${root}/a.zip`) };
  };

  await t.step("without git all but hidden files, keys and leftovers, and it is said", async () => {
    const odd = `${root}/${FIXTURE}/a:b`;
    if (Deno.build.os !== "windows") await Deno.writeTextFile(odd, "");
    const { said, names } = await archive();
    assertEquals(names.filter((name) => STRAYS.includes(name)), []);
    assertMatch(said, /note {4}git was not asked \(.*\): the source is all of deno\.json, .*leftovers/);
    if (Deno.build.os !== "windows") {
      assertMatch(said, /note {4}left out, it is no plain file: .*workflow\/pipe/);
      assertMatch(said, /note {4}left out, not every system can have its name: .*a:b\n/);
      await Deno.remove(odd);
    }
    assert(names.includes("reports/quick/figures/total.csv") && names.includes(`${FIXTURE}/mod.ts`));
  });

  await t.step("with git what it tracks, as it is now", async () => {
    const gone = `${FIXTURE}/profiles/bad.json`;
    for (const name of STRAYS) {
      await Deno.rename(`${root}/${name}`, `${root}/stray`).then(() => Deno.remove(`${root}/stray`));
    }
    await committed(root);
    for (const name of [...STRAYS, `${FIXTURE}/plain.ts`]) {
      await Deno.writeTextFile(`${root}/${name}`, "secret");
    }
    await Deno.remove(`${root}/${gone}`);
    await workspace.edit("mod.ts", "/** The composition", "/** Edited: the composition");
    const { said, names } = await archive();
    assertEquals(names.filter((name) => [...STRAYS, gone, `${FIXTURE}/plain.ts`].includes(name)), []);
    assert(!said.includes("note"), said);
    assertStringIncludes(
      (await filesOf(`${root}/a.zip`)).get(`data/repository/${FIXTURE}/mod.ts`)!,
      "Edited",
    );
  });

  await t.step("a new profile and its new model are packed and named", async () => {
    const model = `${FIXTURE}/models/cube.ts`;
    await Deno.copyFile(`${root}/${FIXTURE}/models/square.ts`, `${root}/${model}`);
    const profile = JSON.parse(await workspace.read("profiles/quick.json"));
    await workspace.write("profiles/mine.json", { ...profile, models: { cube: { power: 3 } } });
    assertEquals((await workspace.reproduce("--profile", "mine")).failed, []);
    const { said, names } = await archive("--profile", "mine");
    assertMatch(
      said,
      /note {4}packed although nobody tracks it, as the run needs it: profiles\/mine\.json, .*cube\.ts\n/,
    );
    assert(names.includes("profiles/mine.json") && names.includes(model));
    assertEquals((await workspace.run("verify", `${root}/a.zip`)).code, 0);
  });

  await t.step("unpacked it is what the archive has, and a new archive of it has the same", async () => {
    const folder = await Deno.makeTempDir();
    {
      using open = await Archive.open(`${root}/a.zip`);
      await open.unpack("", folder);
    }
    const unpacked = `${folder}/data/repository`;
    await Deno.writeTextFile(`${unpacked}/pipeline/notes.ts`, "mine");
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--quiet", "--cached-only", `${FIXTURE}/mod.ts`],
        ...["archive", "--profile", "mine", "--out", `${folder}/b.zip`],
      ],
      cwd: unpacked,
      stdin: "null",
    }).output();
    assertEquals(code, 0);
    assertMatch(new TextDecoder().decode(stdout), /note {4}the source is what the archive had/);
    assertEquals(await namesIn(`${folder}/b.zip`), await namesIn(`${root}/a.zip`));
    await Deno.remove(folder, { recursive: true });
  });
});

Deno.test("an archive holds no secret and no folder of this machine, although the store does", async (t) => {
  await using workspace = await Workspace.create();
  const { root } = workspace;
  await workspace.reproduce();
  const { dir } = (await workspace.status()).numbers;
  const command = "deno task reproduce --source 'https://ada:PASSW0RD@host/x?S1GNATURE' --set /data/ada/mine";
  await workspace.amend(`${dir}/run.json`, () => ({ command, records: { source: `${root}/numbers.txt` } }));
  const logs = `${root}/artifacts/.logs/numbers/main`;
  await Deno.writeTextFile(
    `${logs}/0007.log`,
    `at file://${root}/stages/x.ts:1\nhttps://ada:PASSW0RD@host\n`,
  );
  const { path } = await packed(workspace);
  const files = await filesOf(path);

  await t.step("of records and logs", () => {
    for (const [name, text] of files) {
      assert(!/PASSW0RD|S1GNATURE|\/data\/ada/.test(text) && !text.includes(root), name);
    }
    const run = JSON.parse(files.get(`data/repository/${dir}/run.json`)!);
    assertEquals(run.command, "deno task reproduce --source 'https://…@host/x…' --set …/mine");
    assertEquals([run.records.source, isSealed(run)], ["numbers.txt", true]);
    const log = files.get("data/repository/artifacts/.logs/numbers/main/0007.log");
    assertEquals(log, "at stages/x.ts:1\nhttps://…@host\n");
  });

  await t.step("and it is sound", async () => assertEquals((await workspace.run("verify", path)).code, 0));

  await t.step("its logs are not the last ones where there are others", async () => {
    await using other = await Workspace.create();
    await other.run("restore", path);
    assertMatch((await other.run("log", "numbers")).stdout, /0007\.log/);
    await Deno.remove(`${other.root}/artifacts`, { recursive: true });
    await other.reproduce();
    await other.run("restore", path);
    assertMatch((await other.run("log", "numbers")).stdout, /0001\.log\nnumbers were here/);
  });

  await t.step("a report that quotes a secret is not packed", async () => {
    const report = `${root}/reports/quick/REPORT.md`;
    await Deno.writeTextFile(report, `Made by ${command}`);
    const { code, stderr } = await workspace.run("archive");
    assertEquals(code, 1);
    assertMatch(stderr, /it quotes a command with a password or a signature in a URL, remove it and run/);
  });
});
