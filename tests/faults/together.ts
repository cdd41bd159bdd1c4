/**
 * Several engines on one store, of several versions, and stores that are elsewhere or of another time.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { dirname } from "node:path";
import { FORMAT } from "../../pipeline/records.ts";
import { sealed } from "../../pipeline/sealed.ts";
import { Workspace } from "../pipeline/workspace.ts";
import { CHAIN, Ground, namesIn, PROFILES } from "./support/ground.ts";
import { quiet, until } from "./support/processes.ts";
import { SEED } from "./support/seed.ts";

console.log(`seed ${SEED} (deno task test:faults --seed ${SEED})`);

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function endOf(process: Deno.ChildProcess): Promise<Ended> {
  const { code, stdout, stderr } = await process.output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

for (const engines of [2, 8]) {
  Deno.test(`${engines} engines at once that wait build every task once between them`, async () => {
    await using ground = await Ground.create();
    await ground.clear();
    const command = ["reproduce", ...CHAIN, "--json", "--wait"];
    const ends = await Promise.all(
      Array.from({ length: engines }, () => endOf(ground.workspace.spawn(...command))),
    );
    assertEquals(ends.map(({ code }) => code), ends.map(() => 0), ends.map(({ stderr }) => stderr).join());
    const built = ends.flatMap(({ stdout }) =>
      JSON.parse(stdout.trim().split("\n").at(-1)!).built as string[]
    );
    assertEquals(built.sort(), ["report", "source", "total", "walk[0]", "walk[1]"]);
    ground.isWhole(`${engines} engines`);
  });

  Deno.test(`of ${engines} engines at once that do not wait one builds, the others say who holds the store`, async () => {
    await using ground = await Ground.create();
    await ground.clear();
    const command = ["reproduce", ...CHAIN, "--set", "walk.nap=300"];
    const ends = await Promise.all(
      Array.from({ length: engines }, () => endOf(ground.workspace.spawn(...command))),
    );
    assertEquals(ends.filter(({ code }) => code === 0).length, 1);
    for (const { code, stderr } of ends) {
      if (code !== 0) assertMatch(stderr, /holds it, wait for it with --wait or stop it first/);
    }
    await ground.clear();
    await ground.comesBack("after a crowd");
  });
}

Deno.test("an engine that waited while the code was edited does not seal under the old key", async () => {
  await using ground = await Ground.create();
  await ground.clear();
  const first = endOf(ground.workspace.spawn("reproduce", ...CHAIN, "--set", "walk.nap=400"));
  assert(await until(() => namesIn(ground.path("artifacts/.logs")).includes("walk"), 20_000));
  const old = ground.workspace.spawn("reproduce", ...CHAIN, "--wait", "--set", "walk.nap=1");
  const [seen, rest] = old.stdout.tee();
  for await (const text of seen.pipeThrough(new TextDecoderStream())) if (text.includes("Waiting for")) break;
  await ground.workspace.edit("stages/walk/step.ts", "69069", "69621");
  const fresh = endOf(ground.workspace.spawn("reproduce", ...CHAIN, "--wait", "--set", "walk.nap=1"));
  await first;
  const stdout = await new Response(rest).text();
  await old.stderr.cancel();
  assertEquals((await old.status).code, 1, stdout);
  assertStringIncludes(
    stdout,
    "its code changed since the run began (tests/fixtures/workflow/stages/walk/step.ts), run the same command again",
  );
  assertEquals((await fresh).code, 0);
  const edited = await ground.workspace.status(...CHAIN, "--set", "walk.nap=1");
  await using other = await Ground.create();
  await other.workspace.edit("stages/walk/step.ts", "69069", "69621");
  await other.workspace.reproduce(...CHAIN, "--set", "walk.nap=1");
  const alone = await other.workspace.status(...CHAIN, "--set", "walk.nap=1");
  for (const id of Object.keys(alone)) {
    assertEquals([edited[id].state, edited[id].digest], ["fresh", alone[id].digest]);
  }
});

Deno.test("an edit of a comment while another engine runs stops nobody", async () => {
  await using ground = await Ground.create();
  await ground.clear();
  const run = endOf(ground.workspace.spawn("reproduce", ...CHAIN));
  assert(await until(() => namesIn(ground.path("artifacts/.staging")).length > 0, 20_000));
  await ground.workspace.edit("stages/walk/step.ts", "/** A test", "/** One test");
  const { code, stdout } = await run;
  assertEquals(code, 0, stdout);
  ground.isWhole("an edited comment");
});

Deno.test("two checkouts of different code take turns on one store, and each finds its own again", async () => {
  await using ground = await Ground.create();
  await using other = await Ground.create();
  await Deno.remove(other.path("artifacts"), { recursive: true });
  await Deno.symlink(ground.path("artifacts"), other.path("artifacts"));
  await other.workspace.edit("stages/walk/step.ts", "69069", "69621");
  const command = ["reproduce", ...CHAIN, "--wait"];
  for (let turn = 0; turn < 3; turn++) {
    const ends = await Promise.all(
      [ground, other].map(({ workspace }) => endOf(workspace.spawn(...command))),
    );
    assertEquals(ends.map(({ code }) => code), [0, 0], ends.map(({ stderr }) => stderr).join());
  }
  for (const { workspace } of [ground, other]) assertEquals((await workspace.reproduce(...CHAIN)).built, []);
  assertEquals((await ground.workspace.run("verify")).code, 0);
});

Deno.test("an artifact of a later format is refused with the way out, and left alone", async () => {
  await using ground = await Ground.create();
  const record = ground.files().find((path) => /walk\/0\/.*artifact\.json$/.test(path))!;
  const text = await Deno.readTextFile(record);
  const { seal: _, ...content } = JSON.parse(text);
  const foreign = JSON.stringify(sealed({ ...content, format: FORMAT + 1 }));
  await Deno.writeTextFile(record, foreign);
  for (const command of ["status", "reproduce"]) {
    const { code, stderr } = await ground.workspace.run(command, ...CHAIN);
    assertEquals(code, 1);
    assertStringIncludes(
      stderr,
      `Cannot read ${dirname(record)}: it is of format ${FORMAT + 1}, expected ${FORMAT}, use the version`,
    );
    assertStringIncludes(stderr, '"deno task clean --all"');
  }
  assertEquals(await Deno.readTextFile(record), foreign);
  await ground.workspace.run("clean", "--all");
  await ground.comesBack("after the way out");
});

Deno.test("a path with spaces and letters that are not ASCII is a path like another", async () => {
  await using ground = await Ground.create({ name: "größe 図 %41 '5\" é/a:b c#d?" });
  await ground.clear();
  await ground.comesBack("a path of many letters");
  const { code } = await ground.workspace.run(
    "reproduce",
    "--profile",
    "bad",
    "--set",
    "misbehave.how=read",
    "--set",
    "misbehave.path=/etc/hostname",
  );
  assertEquals(code, 1, "the sandbox holds there, too");
});

Deno.test("a path with a comma, which Deno's permissions cannot name, is refused with the way out", async () => {
  await using workspace = await Workspace.create({ profiles: PROFILES, name: "a,b" });
  const { code, stdout } = await workspace.run("reproduce", ...CHAIN);
  assertEquals(code, 1);
  assertMatch(stdout, /FAILED {2}source: Cannot allow access to .*: there is a comma in its path, move it/);
});

Deno.test("a store that is a symbolic link works, and is not replaced", async () => {
  await using ground = await Ground.create();
  const elsewhere = await Deno.realPath(await Deno.makeTempDir({ prefix: "store-" }));
  await ground.clear();
  await Deno.symlink(elsewhere, ground.path("artifacts"));
  const { code, stdout } = await ground.workspace.run("reproduce", ...CHAIN);
  assertEquals(code, 0, stdout);
  assertEquals((await ground.workspace.reproduce(...CHAIN)).built, []);
  assertEquals((await ground.workspace.run("verify")).code, 0);
  assert((await Deno.lstat(ground.path("artifacts"))).isSymlink);
  ground.isWhole("a link");
  await quiet(ground.root);
  await Deno.remove(elsewhere, { recursive: true });
});
