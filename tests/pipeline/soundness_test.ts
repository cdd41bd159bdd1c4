import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { stampOf } from "../../pipeline/base/digests.ts";
import { readMemory, writeMemory } from "../../pipeline/base/sealed_json.ts";
import { quiet } from "../faults/support/processes.ts";
import { Workspace } from "../fixtures/test_workspace.ts";

async function waitFor(what: string, isTrue: () => Promise<boolean> | boolean): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (await isTrue()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Waited in vain for ${what}`);
}

/** The step that a checkpoint below `artifacts/.scratch` says, or 0. */
async function checkpoint(workspace: Workspace): Promise<number> {
  const scratch = join(workspace.root, "artifacts/.scratch");
  for (const { name, isDirectory } of await Array.fromAsync(Deno.readDir(scratch)).catch(() => [])) {
    if (!isDirectory) continue;
    const text = await Deno.readTextFile(join(scratch, name, "step.txt")).catch(() => "");
    if (text !== "") return Number(text);
  }
  return 0;
}

Deno.test({
  name: "a killed engine leaves no orphan, and the next run goes on from the checkpoint",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using workspace = await Workspace.create();
    const engine = workspace.spawn("reproduce", "--profile", "slow", "--json", "--set", "seeds=[0]");
    const output = engine.output();
    await waitFor("a checkpoint", async () => await checkpoint(workspace) >= 2);
    assertEquals(
      (await workspace.status("--profile", "slow", "--set", "seeds=[0]"))["slow[0]"].state,
      "running",
    );
    engine.kill("SIGKILL");
    await output;
    await quiet(workspace.root);
    assertEquals(
      (await workspace.status("--profile", "slow", "--set", "seeds=[0]"))["slow[0]"].state,
      "missing",
    );
    const { built } = await workspace.reproduce("--profile", "slow", "--set", "seeds=[0]");
    assertEquals(built, ["slow[0]"]);
    const { stdout } = await workspace.run("log", "slow", "--profile", "slow", "--set", "seeds=[0]");
    assertMatch(stdout, /0002\.log\nfrom step [1-9]/);
    assertEquals(await Array.fromAsync(Deno.readDir(join(workspace.root, "artifacts/.staging"))), []);
  },
});

Deno.test({
  name: "Ctrl-C stops the children, says how to go on and keeps what is done",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using workspace = await Workspace.create();
    const slow = ["--profile", "slow", "--set", "slow.steps=20", "--set", "slow.yields=true"];
    const engine = workspace.spawn("reproduce", ...slow);
    const output = engine.output();
    await waitFor("the first task", async () => {
      const { stdout } = await workspace.run("verify", "--json");
      return JSON.parse(stdout).length === 1;
    });
    await waitFor(
      "the second task",
      async () => (await workspace.status(...slow))["slow[1]"].state === "running",
    );
    // Twice: the terminal's, and the one that `deno task` passes on. It may have ended by then.
    engine.kill("SIGINT");
    await Promise.race([output, new Promise((resolve) => setTimeout(resolve, 50))]);
    try {
      engine.kill("SIGINT");
    } catch (error) {
      assertMatch(String(error), /already terminated/);
    }
    const { code, stdout } = await output;
    assertEquals(code, 1);
    assertStringIncludes(new TextDecoder().decode(stdout), "run the same command again to go on");
    const summary = await workspace.reproduce(...slow);
    assertEquals(summary, { built: ["slow[1]"], fresh: ["slow[0]"], failed: [] });
  },
});

Deno.test("a second run says who holds the store, or waits", async () => {
  await using workspace = await Workspace.create();
  const first = workspace.spawn(
    "reproduce",
    "--profile",
    "slow",
    "--set",
    "slow.steps=60",
    "--set",
    "seeds=[0]",
  );
  const output = first.output();
  await waitFor("the first run", async () => await checkpoint(workspace) > 0);
  const { code, stderr } = await workspace.run("reproduce");
  assertEquals(code, 1);
  assertStringIncludes(stderr, `process ${first.pid}`);
  assertStringIncludes(stderr, "deno task reproduce --profile slow");
  assertEquals((await workspace.reproduce("--wait")).built.length, 5);
  assertEquals((await output).code, 0);
});

Deno.test("a damaged file is named and rebuilt", async (t) => {
  await using workspace = await Workspace.create();
  await workspace.reproduce();
  const { numbers } = await workspace.status();
  const path = join(workspace.root, numbers.dir!, "numbers.json");

  await t.step("verify names it, exit code 1", async () => {
    await Deno.writeTextFile(path, "[1,2,3,4,6]");
    const { code, stdout } = await workspace.run("verify");
    assertEquals(code, 1);
    assertStringIncludes(stdout, "damaged  numbers: numbers.json");
  });

  await t.step("status says damaged, and what was made from it is fresh", async () => {
    const after = await workspace.status();
    assertEquals(after.numbers.state, "damaged");
    assertEquals(after.numbers.reasons, ["file damaged: numbers.json"]);
    assertEquals(after.total.state, "fresh");
  });

  await t.step("the next run builds it and nothing else", async () => {
    assertEquals((await workspace.reproduce()).built, ["numbers"]);
    assertEquals(await Deno.readTextFile(path), "[1,2,3,4,5]");
    const { code, stdout } = await workspace.run("verify");
    assertEquals([code, stdout], [0, "5 artifacts read, 0 damaged\n"]);
  });

  await t.step("damage that keeps size and time is found before a stage reads it", async () => {
    const { mtime } = await Deno.stat(path);
    await Deno.writeTextFile(path, "[1,2,3,4,7]");
    await Deno.utime(path, mtime!, mtime!);
    await forgeMemory(workspace, path);
    assertEquals((await workspace.status()).numbers.state, "fresh", "the memory is fooled");
    const { built } = await workspace.reproduce("--set", "apply-model.offset=1");
    assert(built.includes("numbers"), "the stage is not");
    assertEquals(await Deno.readTextFile(path), "[1,2,3,4,5]");
  });

  await t.step("a lost file is named", async () => {
    await Deno.remove(path);
    assertEquals((await workspace.status()).numbers.reasons, ["file damaged: numbers.json (gone)"]);
  });
});

/** Makes the remembered stamp of a file the one it has now, as if nothing had happened. */
async function forgeMemory(workspace: Workspace, path: string): Promise<void> {
  const memory = join(workspace.root, "artifacts/.cache/digests.json");
  const read = await readMemory<Record<string, { stamp: string; digest: string }>>(memory);
  assert(read.type === "sound");
  const known = { ...read.value[path], stamp: (await stampOf(path))! };
  await writeMemory(memory, { ...read.value, [path]: known });
}

Deno.test("what a stage must not do fails it, with the reason and the way on", async (t) => {
  await using workspace = await Workspace.create();
  const secret = await Deno.makeTempFile();
  const misbehave = async (how: string, ...more: string[]) => {
    const ran = await workspace.run(
      "reproduce",
      "--profile",
      "bad",
      "--set",
      `misbehave.how=${how}`,
      ...more,
    );
    assertEquals(ran.code, 1, ran.stdout + ran.stderr);
    assertStringIncludes(ran.stdout, "0 built, 0 fresh, 1 failed: misbehave");
    return ran.stdout;
  };

  await t.step("reading what is not declared", async () => {
    assertMatch(
      await misbehave("read", "--set", `misbehave.path=${secret}`),
      /FAILED {2}misbehave: Requires read access/,
    );
  });
  await t.step("using the network", async () => {
    assertMatch(await misbehave("dial"), /FAILED {2}misbehave: Requires net access/);
  });
  await t.step("reading another stage's artifact that it did not declare", async () => {
    await workspace.reproduce();
    const { dir } = (await workspace.status()).numbers;
    const path = join(workspace.root, dir!, "numbers.json");
    assertMatch(
      await misbehave("read", "--set", `misbehave.path=${path}`),
      /FAILED {2}misbehave: Requires read access/,
    );
    await workspace.run("clean", "--all");
  });
  await t.step("reading the home folder", async () => {
    const path = join(Deno.env.get("HOME") ?? "/", ".profile");
    assertMatch(
      await misbehave("read", "--set", `misbehave.path=${path}`),
      /FAILED {2}misbehave: Requires read access/,
    );
  });
  await t.step("writing outside its folder", async () => {
    for (const path of [secret, join(workspace.root, "artifacts/.cache/digests.json"), "stray.txt"]) {
      assertMatch(
        await misbehave("write", "--set", `misbehave.path=${path}`),
        /FAILED {2}misbehave: Requires write access/,
      );
    }
  });
  await t.step("starting a process", async () => {
    assertMatch(await misbehave("spawn"), /FAILED {2}misbehave: Requires (run|read|all) access/);
  });
  await t.step("keeping something in the runtime", async () => {
    assertStringIncludes(await misbehave("storage"), "Cannot use localStorage inside a stage");
  });
  await t.step("leaving out a declared output", async () => {
    assertStringIncludes(await misbehave("forget"), "its output done.txt is missing");
  });
  await t.step("throwing", async () => {
    const text = await misbehave("throw");
    assertStringIncludes(text, "FAILED  misbehave: the loss is not finite at step 7\n");
    assertMatch(text, /log: artifacts\/\.logs\/misbehave\/main\/\d+\.log \(deno task log 'misbehave'\)/);
    assertStringIncludes(text, "run the same command again to go on");
    const { stdout } = await workspace.run("log", "misbehave", "--profile", "bad");
    assertStringIncludes(stdout, "Error: the loss is not finite at step 7\n    at ");
  });
  await t.step("ending its process", async () => {
    assertStringIncludes(await misbehave("exit"), "Cannot exit inside a stage");
  });
  await t.step("returning NaN", async () => {
    assertStringIncludes(await misbehave("nan"), "Cannot keep meta.loss: it is NaN");
  });
  await t.step("reading an input it did not declare", async () => {
    assertStringIncludes(
      await misbehave("input"),
      'Cannot read input "suorce" of misbehave: its inputs are source',
    );
  });
  await t.step("writing a link", async () => {
    assertMatch(await misbehave("link"), /link\.txt is a link|symlink\(\) requires/);
  });
  await t.step("nothing of it is published", async () => {
    const { stdout } = await workspace.run("verify", "--json");
    assertEquals(JSON.parse(stdout), []);
  });
  await t.step("environment variables look unset", async () => {
    const { code } = await workspace.run(
      "reproduce",
      "--profile",
      "bad",
      "--set",
      "misbehave.how=environment",
    );
    assertEquals(code, 0);
  });
  await Deno.remove(secret);
});

Deno.test("a failed task stops what depends on it and nothing else", async () => {
  await using workspace = await Workspace.create();
  await workspace.edit("models/double.ts", "2 * x", "(() => { throw new Error(String(x)); })()");
  const { code, stdout } = await workspace.run("reproduce", "--json");
  assertEquals(code, 1);
  const events = stdout.trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(events.at(-1), {
    type: "summary",
    built: ["numbers", "apply-model[square,0]"],
    fresh: [],
    failed: ["apply-model[double,0]"],
  });
  const skipped = events.filter(({ type }) => type === "skipped").map(({ id }) => id);
  assertEquals(skipped, ["total", "report"]);
  await workspace.edit("models/double.ts", "(() => { throw new Error(String(x)); })()", "2 * x");
  assertEquals((await workspace.reproduce()).built, ["apply-model[double,0]", "total", "report"]);
});
