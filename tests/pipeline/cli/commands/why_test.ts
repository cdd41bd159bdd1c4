import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { folderOf } from "../../../../pipeline/tasks/key.ts";
import { Workspace } from "../../../fixtures/test_workspace.ts";

const why = async (workspace: Workspace, ...args: string[]) => (await workspace.run("why", ...args)).stdout;

Deno.test("why names every part that changed, with its old and its new value", async (t) => {
  await using workspace = await Workspace.create();
  await workspace.reproduce();

  await t.step("a field of the profile, of whatever depth", async () => {
    const text = await why(workspace, "apply-model[square,0]", "--set", "models.square.power=3");
    assertStringIncludes(text, "\n  config changed: apply-model.architecture.power 2 → 3\n");
  });

  await t.step("a backend, though it does not count unless it is demanded", async () => {
    const text = await why(workspace, "apply-model[square,0]", "--set", "apply-model.offset=1");
    assert(!text.includes("environment changed"));
    await workspace.reproduce("--backend", "two");
    const accepted = await why(
      workspace,
      "apply-model[square,0]",
      "--set",
      "apply-model.offset=1",
      "--strict",
    );
    assertMatch(accepted, /config changed: apply-model\.offset 0 → 1/);
    await workspace.run("clean", "--all");
    await workspace.reproduce("--backend", "two");
    assertStringIncludes(
      await why(workspace, "apply-model[square,0]"),
      "is fresh\n  environment changed: backend two 1.0 → one 1.0 (accepted)\n  artifact: ",
    );
  });

  await t.step("a module, by its digests", async () => {
    await workspace.edit("stages/numbers/base.ts", "BASE = 1", "BASE = 2");
    assertMatch(
      await why(workspace, "numbers"),
      /^numbers is stale\n {2}code changed: tests\/\S+\/numbers\/base\.ts [0-9a-f]{8} → [0-9a-f]{8}\n/,
    );
  });

  await t.step("an input, with the runs that its old and its new bytes come from", async () => {
    await workspace.run("stage", "apply-model[double,0]");
    const text = await why(workspace, "apply-model[square,0]");
    assertMatch(text, /\n {2}input changed: data [0-9a-f]{8} → [0-9a-f]{8}\n/);
    assertMatch(
      text,
      /\n {4}before: numbers, made \S+Z by "deno task reproduce --json --backend two", artifacts\/numbers\/main\/\w+\n/,
    );
    assertMatch(
      text,
      /\n {4}now: numbers, made \S+Z by "deno task stage 'apply-model\[double,0\]'", artifacts/,
    );
    assertMatch(text, /\n {4}rerun because code changed: tests\/\S+\/numbers\/base\.ts \w{8} → \w{8}\n/);
  });

  await t.step("--json says the same as data", async () => {
    const [{ id, state, changes }] = JSON.parse(await why(workspace, "apply-model[square,0]", "--json"));
    assertEquals([id, state], ["apply-model[square,0]", "stale"]);
    const input = changes.find(({ part }: { part: string }) => part === "input");
    assertEquals([input.name, input.accepted], ["data", false]);
    assertEquals(input.from.before.command, "deno task reproduce --json --backend two");
    assertEquals(input.from.after.task, "numbers");
    const environment = changes.find(({ part }: { part: string }) => part === "environment");
    assertEquals([environment.name, environment.accepted], ["backend", true]);
  });
});

Deno.test("a package's new version is a reason with both versions", async () => {
  await using workspace = await Workspace.create();
  await workspace.reproduce();
  const { dir } = (await workspace.status()).numbers;
  const { key } = JSON.parse(await workspace.read(`${dir}/artifact.json`));
  const used = Object.keys(key.packages).find((name) => name.startsWith("canonicalize@"))!;
  const { [used]: integrity, ...others } = key.packages;
  const packages = { ...others, "canonicalize@0.0.1": integrity };
  await workspace.amend(`${dir}/artifact.json`, () => ({ key: { ...key, packages } }));
  // Its folder is named by its key.
  const folder = folderOf({ ...key, packages });
  await Deno.rename(join(workspace.root, dir!), join(workspace.root, dirname(dir!), folder));
  assertStringIncludes(await why(workspace, "numbers"), `package changed: canonicalize@0.0.1 → ${used}\n`);
});

Deno.test("status says who runs a task and since when, and claims it of no other task of that name", async () => {
  await using workspace = await Workspace.create();
  const slow = ["--profile", "slow", "--set", "seeds=[0]", "--set", "slow.steps=20"];
  const before = new Date().toISOString();
  const engine = workspace.spawn("reproduce", ...slow);
  const output = engine.output();
  let task = (await workspace.status(...slow))["slow[0]"];
  for (let i = 0; i < 100 && task.state !== "running"; i++) {
    task = (await workspace.status(...slow))["slow[0]"];
  }
  assertEquals(task.state, "running");
  assertEquals([task.by?.pid, task.by?.host], [engine.pid, hostname()]);
  assertStringIncludes(task.by!.command, "deno task reproduce --profile slow");
  assert(before <= task.by!.since && task.by!.since <= new Date().toISOString(), task.by!.since);
  const { stdout } = await workspace.run("status", ...slow);
  assertStringIncludes(stdout, `running            since ${task.by!.since} by process ${engine.pid} on `);
  assertMatch(stdout, /1 task running\nin use by "deno task reproduce --profile slow .* since .*\n$/);
  const other = (await workspace.status("--profile", "slow"))["slow[0]"];
  assertEquals([other.state, other.by], ["missing", undefined], "30 steps are another task");
  assertEquals((await output).code, 0);
  assertEquals((await workspace.status(...slow))["slow[0]"].state, "fresh");
});
