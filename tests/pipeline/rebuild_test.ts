import { assert, assertEquals, assertMatch, assertNotEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { Workspace } from "../fixtures/test_workspace.ts";

const ALL = ["numbers", "apply-model[double,0]", "apply-model[square,0]", "total", "report"];

Deno.test("a first run builds every task, a second one none", async () => {
  await using workspace = await Workspace.create();
  assertEquals(await workspace.reproduce(), { built: ALL, fresh: [], failed: [] });
  assertEquals(await workspace.reproduce(), { built: [], fresh: ALL, failed: [] });
});

Deno.test("only what an edit can change runs again", async (t) => {
  await using workspace = await Workspace.create();
  await workspace.reproduce();

  await t.step("comments, types and white space build nothing", async () => {
    await workspace.edit("stages/numbers/base.ts", "/** The first", "/** Edited: the first");
    await workspace.edit("stages/numbers/base.ts", "BASE = 1", "BASE: number =\n  1");
    await workspace.edit("models/square.ts", "export default", "// The second power.\nexport default");
    assertEquals((await workspace.reproduce()).built, []);
  });

  await t.step("a constant of a helper rebuilds what it changes", async () => {
    await workspace.edit("stages/numbers/base.ts", "=\n  1", "= 2");
    assertEquals((await workspace.status()).numbers.reasons, [
      "code changed: tests/fixtures/workflow/stages/numbers/base.ts",
    ]);
    assertEquals((await workspace.reproduce()).built, ALL);
  });

  await t.step("going back to an earlier state builds nothing", async () => {
    await workspace.edit("stages/numbers/base.ts", "= 2", "= 1");
    assertEquals((await workspace.reproduce()).built, []);
  });

  await t.step("the same bytes from other code stop the rerun there", async () => {
    await workspace.edit("stages/numbers/run.ts", "BASE + i * step", "i * step + BASE");
    assertEquals(await workspace.reproduce(), { built: ["numbers"], fresh: ALL.slice(1), failed: [] });
  });

  await t.step("a model's code belongs to that model's task alone", async () => {
    await workspace.edit("models/double.ts", "2 * x", "3 * x");
    const { built, fresh } = await workspace.reproduce();
    assertEquals(built, ["apply-model[double,0]", "total", "report"]);
    assertEquals(fresh, ["numbers", "apply-model[square,0]"]);
  });

  await t.step("a module imported by a worker is part of the code", async () => {
    await workspace.edit("stages/total/add.ts", "a + b, 0", "a + b, 1");
    assertEquals((await workspace.reproduce()).built, ["total", "report"]);
  });

  await t.step("another stage's code is cut off", async () => {
    await workspace.edit(
      "stages/apply_model/run.ts",
      "Math.floor(apply(value) + offset)",
      "Math.floor(offset + apply(value))",
    );
    assertEquals((await workspace.reproduce()).built, ["apply-model[double,0]", "apply-model[square,0]"]);
  });
});

Deno.test("a changed parameter is named with its old and new value", async () => {
  await using workspace = await Workspace.create();
  await workspace.reproduce();
  const { stdout } = await workspace.run("why", "numbers", "--set", "numbers.count=6");
  assertStringIncludes(stdout, "numbers is stale\n  config changed: numbers.count 5 → 6\n");
  const { built } = await workspace.reproduce("--set", "numbers.count=6");
  assertEquals(built, ALL);
  assertEquals((await workspace.reproduce()).built, [], "the old artifacts are still there");
});

Deno.test("status names state, reasons, digest and folder", async () => {
  await using workspace = await Workspace.create();
  const missing = (await workspace.status()).numbers;
  assertEquals(missing, {
    id: "numbers",
    stage: "numbers",
    params: { count: 5, step: 1 },
    state: "missing",
    reasons: ["never built"],
    digest: null,
    dir: null,
  });
  await workspace.reproduce();
  const { state, digest, dir, reasons } = (await workspace.status())["apply-model[square,0]"];
  assertEquals([state, reasons], ["fresh", []]);
  assertMatch(digest!, /^[0-9a-f]{64}$/);
  assertMatch(dir!, /^artifacts\/apply-model\/square-0\/[0-9a-f]{16}-[0-9a-f]{6}$/);
});

Deno.test("an artifact of another backend serves, unless one is demanded", async () => {
  await using workspace = await Workspace.create();
  await workspace.reproduce("--backend", "two");
  assertEquals((await workspace.reproduce()).built, []);
  const reasons = (await workspace.status())["apply-model[double,0]"].reasons;
  assertEquals(reasons, ["environment changed: backend two 1.0 → one 1.0 (accepted)"]);
  const strict = (await workspace.status("--strict"))["apply-model[double,0]"];
  assertEquals(strict.state, "stale");
  assertEquals(strict.reasons, ["environment changed: backend two 1.0 → one 1.0"]);
  assertEquals(
    (await workspace.reproduce("--backend", "one")).built,
    ["apply-model[double,0]", "apply-model[square,0]"],
  );
});

Deno.test("stage --force runs its name again and no more", async () => {
  await using workspace = await Workspace.create();
  await workspace.reproduce();
  const { stdout } = await workspace.run("stage", "apply-model[double,0]", "--force", "--json");
  const summary = JSON.parse(stdout.trim().split("\n").at(-1)!);
  assertEquals(summary.built, ["apply-model[double,0]"]);
  assertEquals(summary.fresh, ["numbers", "apply-model[square,0]", "total", "report"]);
});

Deno.test("stage builds no other branch of the graph, and says what it leaves out", async () => {
  await using workspace = await Workspace.create();
  await workspace.reproduce();
  await workspace.edit("models/double.ts", "2 * x", "3 * x");
  await workspace.edit("models/square.ts", "x * x", "x * x + 1");
  const { stdout } = await workspace.run("stage", "apply-model[double,0]");
  assertStringIncludes(stdout, "total is left out: it also needs apply-model[square,0], which is not fresh");
  assertStringIncludes(stdout, "1 built, 1 fresh");
  assertEquals((await workspace.reproduce()).built, ["apply-model[square,0]", "total", "report"]);
});

Deno.test("the report is published with the facts of the runs, and again only where it has to be", async (t) => {
  await using workspace = await Workspace.create();
  await workspace.reproduce("--source", "a hint");
  const report = join("reports", "quick", "REPORT.md");
  const text = await workspace.read(report);

  await t.step("placeholders are filled in", async () => {
    assertMatch(text, /source a hint, took \d\.\d s/);
    assertMatch(text, Deno.build.os === "linux" ? /peak \d+\.\d MB, not recorded/ : /peak unknown/);
    assertMatch(text, /<!-- artifact report [0-9a-f]{64}, text [0-9a-f]{16} -->\n$/);
    assertEquals(await workspace.read("reports/quick/figures/total.csv"), "total\n85\n");
  });

  await t.step("the artifact itself keeps them open", async () => {
    const { report } = await workspace.status();
    assertStringIncludes(await workspace.read(report.dir!, "REPORT.md"), "{{run numbers seconds}}");
  });

  await t.step("a forced rerun with the same bytes is the run that it states", async () => {
    await workspace.run("stage", "numbers", "--force");
    assertMatch(await workspace.read(report), /source nowhere, took \d\.\d s/);
  });

  await t.step("a run with nothing to do leaves the file alone", async () => {
    const { mtime } = await Deno.stat(join(workspace.root, report));
    await workspace.reproduce();
    assertEquals((await Deno.stat(join(workspace.root, report))).mtime, mtime);
  });

  await t.step("a deleted folder comes back", async () => {
    await Deno.remove(join(workspace.root, "reports"), { recursive: true });
    assertEquals((await workspace.reproduce()).built, []);
    assertStringIncludes(await workspace.read(report), "total 85");
  });

  await t.step("an edit by hand is undone", async () => {
    await Deno.writeTextFile(join(workspace.root, report), text.replace("total 85", "total 99"));
    await workspace.reproduce();
    assertStringIncludes(await workspace.read(report), "total 85");
  });
});

Deno.test("run.json holds what the digest must not", async () => {
  await using workspace = await Workspace.create();
  await workspace.reproduce("--source", "here");
  const { numbers } = await workspace.status();
  const run = JSON.parse(await workspace.read(numbers.dir!, "run.json"));
  const { task, command, cores, records, deno, sandboxed, backend } = run;
  assertEquals({ task, cores, records, deno, sandboxed, backend }, {
    task: "numbers",
    cores: 1,
    records: { source: "here" },
    deno: Deno.version.deno,
    sandboxed: true,
    backend: "one",
  });
  assertEquals(command, "deno task reproduce --json --source here");
  assert(run.seconds > 0 && Date.parse(run.finished) >= Date.parse(run.started));
  assert(Object.keys(run.host).length === 5 && run.packages.length > 0);
  await workspace.run("stage", "numbers", "--force", "--source", "elsewhere");
  const again = (await workspace.status()).numbers;
  assertEquals(again.digest, numbers.digest);
  assertNotEquals(JSON.parse(await workspace.read(again.dir!, "run.json")), run);
});
