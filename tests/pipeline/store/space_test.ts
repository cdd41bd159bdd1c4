import { assert, assertEquals, assertMatch, assertNotEquals, assertStringIncludes } from "@std/assert";
import { basename, join } from "node:path";
import { exists } from "../../../pipeline/base/files.ts";
import { FileDigests, stampOf } from "../../../pipeline/base/digests.ts";
import { readMemory } from "../../../pipeline/base/sealed_json.ts";
import { quiet } from "../../faults/support/processes.ts";
import { Workspace } from "../../fixtures/test_workspace.ts";

interface Garbage {
  readonly deleted: boolean;
  readonly entries: readonly {
    readonly kind: string;
    readonly path: string;
    readonly bytes: number;
    readonly task: string | null;
  }[];
}

/** Everything except logs that `clean` removes, or would remove with `--dry-run`. */
async function garbage(workspace: Workspace, ...args: string[]): Promise<Garbage> {
  const { stdout, stderr } = await workspace.run("clean", "--json", ...args);
  if (stderr !== "") throw new Error(stderr);
  const found: Garbage = JSON.parse(stdout);
  return { ...found, entries: found.entries.filter(({ kind }) => kind !== "logs") };
}

/** Every file of the store but memories and locks. */
async function filesOf(workspace: Workspace): Promise<string[]> {
  const { walk } = await import("../../../pipeline/base/files.ts");
  const files = await walk(join(workspace.root, "artifacts"));
  return files.map(({ name }) => name).filter((name) => !/^\.(cache|lock)/.test(name));
}

/** A store of which every profile's part is built, and one more artifact of every task. */
async function filled(workspace: Workspace): Promise<void> {
  for (const profile of ["bad", "slow", "cores"]) {
    await Deno.remove(join(workspace.root, `profiles/${profile}.json`));
  }
  await workspace.reproduce("--set", "numbers.count=6");
  await workspace.reproduce();
}

Deno.test("clean shows first, then deletes, and only what no profile needs", async (t) => {
  await using workspace = await Workspace.create();
  await filled(workspace);

  await t.step("with --dry-run it only shows", async () => {
    const before = await filesOf(workspace);
    const { code, stdout } = await workspace.run("clean", "--dry-run");
    assertEquals(code, 0);
    assertEquals(stdout.match(/^remove artifacts\/.* \(artifact of .*, [\d.]+ k?B\)$/mg)?.length, 5);
    assertMatch(stdout, /kB in all\nNothing is deleted\n$/);
    assertEquals(await filesOf(workspace), before);
  });

  await t.step("what another profile's graph needs stays", async () => {
    const quick = JSON.parse(await workspace.read("profiles/quick.json"));
    await workspace.write("profiles/six.json", { ...quick, numbers: { count: 6 } });
    assertEquals((await garbage(workspace, "--dry-run")).entries, []);
    await Deno.remove(join(workspace.root, "profiles/six.json"));
  });

  await t.step("a profile that cannot be read deletes nothing", async () => {
    await workspace.write("profiles/six.json", { summary: "", seeds: [], models: {}, gone: {} });
    const { code, stderr } = await workspace.run("clean");
    assertEquals(code, 2);
    assertStringIncludes(stderr, 'Cannot parse profile "six": no stage "gone"');
    await Deno.remove(join(workspace.root, "profiles/six.json"));
  });

  await t.step("without it is gone, and its remembered digests with it", async () => {
    const { entries } = await garbage(workspace);
    assertEquals(entries.length, 5);
    assertEquals((await workspace.run("verify")).stdout, "5 artifacts read, 0 damaged\n");
    const memory = await readMemory<object>(join(workspace.root, "artifacts/.cache/digests.json"));
    const known = Object.keys(memory.type === "sound" ? memory.value : {});
    for (const { path } of entries) assertEquals(known.filter((name) => name.includes(path)), []);
    assertNotEquals(known, []);
    assertEquals((await workspace.reproduce()).built, []);
    assertEquals((await garbage(workspace, "--dry-run")).entries, []);
  });

  await t.step("what may be fresh again once its inputs are built stays", async () => {
    await workspace.edit("stages/numbers/run.ts", "BASE + i * step", "i * step + BASE");
    assertEquals((await garbage(workspace, "--dry-run")).entries, []);
    assertEquals((await workspace.reproduce()).built, ["numbers"]);
  });

  await t.step("so does the last result of a task that has to run", async () => {
    await workspace.edit("stages/numbers/base.ts", "BASE = 1", "BASE = 2");
    const { entries } = await garbage(workspace, "--dry-run");
    assertEquals(entries.map(({ task }) => task), ["numbers"], "of two, the one less like it");
  });
});

Deno.test("checkpoints of unfinished runs are kept, whatever they were begun with, unless that is agreed to", async () => {
  await using workspace = await Workspace.create();
  const scratch = join(workspace.root, "artifacts/.scratch");
  const isWritten = (name: string) => exists(join(scratch, name, "step.txt"));
  const written = async () => (await Promise.all(foldersIn(scratch).map(isWritten))).filter(Boolean).length;
  const interrupt = async (...args: string[]) => {
    const before = await written();
    const engine = workspace.spawn("reproduce", "--profile", "slow", "--set", "seeds=[0]", ...args);
    const output = engine.output();
    for (let i = 0; i < 200 && await written() === before; i++) await sleep(50);
    engine.kill("SIGKILL");
    await output;
    await quiet(workspace.root);
  };
  await interrupt();
  await interrupt("--set", "slow.steps=31");
  assertEquals(foldersIn(scratch).length, 2);
  const both = foldersIn(scratch);
  const { entries } = await garbage(workspace);
  assertEquals(entries.map(({ kind }) => kind), ["unfinished"]);
  for (const args of [["clean", "--dry-run"], ["clean"], ["clean", "--all"]]) {
    const { stdout } = await workspace.run(...args);
    assertMatch(stdout, /^keep .*\.scratch.* \(checkpoint.*\): unfinished, --yes removes it$/m);
    assertEquals(foldersIn(scratch), both);
  }
  const { built } = await workspace.reproduce("--profile", "slow", "--set", "seeds=[0]");
  assertEquals(built, ["slow[0]"]);
  assertEquals(foldersIn(scratch).length, 1, "the result is there");
  await workspace.run("clean", "--yes");
  assertEquals(foldersIn(scratch), []);
});

Deno.test("a checkpoint whose result is in the store is unneeded, and so is a folder without any", async () => {
  await using workspace = await Workspace.create();
  const short = ["--profile", "slow", "--set", "seeds=[0]", "--set", "slow.steps=1"];
  await workspace.reproduce(...short);
  const dir = (await workspace.status(...short))["slow[0]"].dir!;
  const { task, key } = JSON.parse(await workspace.read(dir, "artifact.json"));
  const checkpoint = async (name: string, owner: object, text?: string) => {
    const path = join(workspace.root, "artifacts/.scratch", name);
    await Deno.mkdir(path, { recursive: true });
    await Deno.writeTextFile(`${path}.json`, JSON.stringify(owner));
    if (text !== undefined) await Deno.writeTextFile(join(path, "step.txt"), text);
  };
  await checkpoint("done", { task, key }, "1");
  await checkpoint("empty", { task, key: { ...key, stage: "other" } });
  await checkpoint("other", { task, key: { ...key, environment: { backend: "two" } } }, "1");
  await checkpoint("cut", { task }, "1");
  await checkpoint("none", JSON.parse("null"), "1");
  const offered = async () =>
    (await garbage(workspace, "--dry-run")).entries.filter(({ path }) => path.includes("/.scratch/"))
      .map(({ kind, path }) => `${kind} ${basename(path)}`);
  assertEquals(await offered(), ["checkpoint done", "unfinished empty"]);
  await Deno.writeTextFile(join(workspace.root, dir, "steps.txt"), "damaged");
  assertEquals(await offered(), ["unfinished empty"], "a damaged result may be on its way again");
});

Deno.test("a clean that is killed leaves every artifact whole or gone, and the next one finishes", async () => {
  await using workspace = await Workspace.create();
  await workspace.reproduce();
  const { dir } = (await workspace.status()).total;
  const old = join(workspace.root, "artifacts/old/main");
  const make = async () => {
    for (let i = 0; i < 400; i++) {
      const folder = join(old, String(i).padStart(16, "0"));
      await Deno.mkdir(folder, { recursive: true });
      for (const name of ["total.json", "run.json"]) {
        await Deno.copyFile(join(workspace.root, dir!, name), join(folder, name));
      }
      await Deno.writeTextFile(join(folder, "artifact.json"), "damaged");
    }
  };
  let isCaught = false;
  for (let attempt = 0; attempt < 12 && !isCaught; attempt++) {
    await make();
    const child = workspace.spawn("clean", "--json");
    const output = child.output();
    while (foldersIn(old).length === 400) await sleep(1);
    child.kill("SIGKILL");
    await output;
    const left = foldersIn(old);
    for (const name of left) assertEquals([...Deno.readDirSync(join(old, name))].length, 3, "whole");
    isCaught = left.length > 0 || foldersIn(join(workspace.root, "artifacts/.trash")).length > 0;
    const { entries } = await garbage(workspace);
    assert(!isCaught || entries.length > 0, "the next one has something to finish");
    assertEquals((await filesOf(workspace)).filter((name) => /^(old|\.trash)/.test(name)), []);
  }
  assert(isCaught, "no deletion was interrupted");
  assertEquals((await workspace.run("verify")).stdout, "5 artifacts read, 0 damaged\n");
});

Deno.test("clean waits for nobody unless told to, and names who holds the store", async () => {
  await using workspace = await Workspace.create();
  const engine = workspace.spawn(
    "reproduce",
    "--profile",
    "slow",
    "--set",
    "seeds=[0]",
    "--set",
    "slow.steps=15",
  );
  const output = engine.output();
  while (foldersIn(join(workspace.root, "artifacts/.scratch")).length === 0) await sleep(50);
  const { code, stderr } = await workspace.run("clean");
  assertEquals(code, 1);
  assertStringIncludes(stderr, `process ${engine.pid}`);
  assertEquals((await output).code, 0);
});

Deno.test("du adds up what the store holds, by stage, task and use", async () => {
  await using workspace = await Workspace.create();
  await filled(workspace);
  const quick = JSON.parse(await workspace.read("profiles/quick.json"));
  await workspace.write("profiles/twin.json", { ...quick, total: {} });
  const { stdout } = await workspace.run("du");
  assertMatch(stdout, /^ +count +bytes +fresh +stale +unneeded\napply-model +4 /);
  assertMatch(
    stdout,
    /kB fresh for several profiles, counted once\ndeno task clean --dry-run shows what is unneeded, deno task clean deletes it\n$/,
  );
  assertMatch((await workspace.run("du", "--tasks")).stdout, /^apply-model\[double,0\] +2 /m);
  const report = JSON.parse((await workspace.run("du", "--json")).stdout);
  assertEquals(report.bytes, report.fresh + report.stale + report.unneeded);
  assertEquals(report.shared.count, 5);
  assertEquals(report.shared.bytes, report.fresh);
  const { deleted, entries } = await garbage(workspace, "--dry-run");
  assertEquals([deleted, report.unneeded], [false, entries.reduce((sum, { bytes }) => sum + bytes, 0)]);
  const total = report.entries.find(({ task, use }: { task: string; use: string }) =>
    task === "total" && use === "fresh"
  );
  assertEquals([total.kind, total.profiles], ["artifact", ["quick", "twin"]]);
  let size = 0;
  for (const { name } of Deno.readDirSync(join(workspace.root, total.path))) {
    size += (await Deno.stat(join(workspace.root, total.path, name))).size;
  }
  assertEquals(total.bytes, size);
});

Deno.test("remembered digests of files that are gone are forgotten", async () => {
  const folder = await Deno.makeTempDir();
  for (const name of ["kept", "gone", "new"]) await Deno.writeTextFile(`${folder}/${name}`, name);
  const first = await FileDigests.open(`${folder}/memory`);
  for (const name of ["kept", "gone"]) await first.remembered(`${folder}/${name}`);
  await first.save();
  await Deno.remove(`${folder}/gone`);
  const second = await FileDigests.open(`${folder}/memory`);
  await second.remembered(`${folder}/new`);
  await second.save();
  const read = await readMemory<Record<string, { readonly stamp: string }>>(`${folder}/memory`);
  const known = read.type === "sound" ? read.value : {};
  assertEquals(Object.keys(known), [`${folder}/kept`, `${folder}/new`]);
  assertEquals(known[`${folder}/kept`].stamp, await stampOf(`${folder}/kept`));
  await Deno.remove(folder, { recursive: true });
});

function foldersIn(path: string): string[] {
  try {
    return [...Deno.readDirSync(path)].filter(({ isDirectory }) => isDirectory).map(({ name }) => name);
  } catch {
    return [];
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
