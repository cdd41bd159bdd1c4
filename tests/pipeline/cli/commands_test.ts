import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { Workspace } from "../../fixtures/test_workspace.ts";

Deno.test("bad usage exits 2, names the nearest valid name and prints nothing to stdout", async () => {
  await using workspace = await Workspace.create();
  const cases: [string[], string][] = [
    [["reproduse"], 'did you mean "reproduce"'],
    [["reproduce", "--profle", "quick"], 'unknown flag --profle, did you mean "--profile"'],
    [["reproduce", "--profile", "quik"], 'no such profile, did you mean "quick"'],
    [["reproduce", "--profile"], "--profile needs a value"],
    [["reproduce", "--jobs", "none"], "expected a whole number of at least 1"],
    [["reproduce", "--task-cores", "0"], "expected a whole number of at least 1"],
    [["reproduce", "--backend", "tow"], 'no such backend, did you mean "two"'],
    [["reproduce", "extra"], 'unexpected argument "extra"'],
    [["reproduce", "--set", "numbers"], "expected FIELD=VALUE"],
    [["reproduce", "--set", "numbers.cuont=3"], 'unknown field numbers.cuont, did you mean "count"'],
    [["reproduce", "--set", "nubmers.count=3"], 'no stage "nubmers", did you mean "numbers"'],
    [["reproduce", "--set", "numbers.step=11"], "numbers.step is 11, expected a number in (0, 10]"],
    [["reproduce", "--set", "numbers.count=0.5"], "numbers.count is 0.5, expected an integer in [1, 100]"],
    [["reproduce", "--set", 'numbers="all"'], 'numbers is "all", expected an object'],
    [["clean", "--dry-run=yes"], '--dry-run is "yes", expected true or false'],
    [["reproduce", "--profile", "../quick"], "it is outside profiles/, copy it to profiles/quick.json"],
    [["reproduce", "--profile", "profiles/quik.json"], 'no such profile, did you mean "quick"'],
    [["reproduce", "--set", "seeds.length=5"], "seeds is a list, set it whole: --set 'seeds=[0]'"],
    [["reproduce", "--set", "numbers.count=3", "--set", "numbers.count=4"], "set numbers.count once"],
    [["reproduce", "--force"], "unknown flag --force, it belongs to deno task stage"],
    [["reproduce", "--sweep", "numbers.count=3,4"], "this workflow has no sweeps"],
    [["reproduce", "--sweep", "numbers.count"], "expected FIELD=VALUES such as train.method=dino,byol"],
    [["reproduce", "--sweep", "numbers.count=3", "--set", "numbers.count=4"], "set numbers.count once"],
    [["reproduce", "--seed", "1"], "unknown flag --seed, a field of the profile is set by --set 'seeds=[0]'"],
    [["reproduce", "--count", "1"], "a field of the profile is set by --set numbers.count=5"],
    [["status", "--frobnicate"], 'unknown flag --frobnicate, expected one of "--profile"'],
    [["stage"], "it needs a NAME (a stage or a task of deno task status)"],
    [["stage", "nubmers"], 'no such stage or task, did you mean "numbers"'],
    [["why", "apply-model[square,1]"], 'did you mean "apply-model[square,0]"'],
  ];
  for (const [args, message] of cases) {
    const { code, stdout, stderr } = await workspace.run(...args);
    assertEquals([code, stdout], [2, ""], `${args.join(" ")}: ${stderr}`);
    assertStringIncludes(stderr, message);
  }
});

Deno.test("every command has help", async () => {
  await using workspace = await Workspace.create();
  const { stdout } = await workspace.run("--help");
  const names = stdout.split("\n").flatMap((line) => line.match(/^ {2}(\S+) /)?.[1] ?? []);
  assert(names.length >= 9);
  for (const name of names) {
    const { code, stdout } = await workspace.run(name, "--help");
    assertEquals(code, 0);
    assertStringIncludes(stdout, `Usage: deno task ${name}`);
  }
  assertStringIncludes((await workspace.run("reproduce", "--help")).stdout, "--source X");
});

Deno.test("--dry-run says what would run and why, and leaves no artifact", async () => {
  await using workspace = await Workspace.create();
  const { code, stdout } = await workspace.run("reproduce", "--dry-run", "--profile", "slow");
  assertEquals(code, 0);
  assertStringIncludes(stdout, "2 tasks to run, about 6 s, 2.0 kB of disk, 100.0 MB of memory:");
  assertStringIncludes(stdout, "slow[0]: never built (about 3 s, as declared)");
  assertEquals((await workspace.run("verify", "--json")).stdout.trim(), "[]");
});

Deno.test("a run that the disk cannot hold is refused", async () => {
  await using workspace = await Workspace.create();
  await workspace.edit("stages/slow/mod.ts", "disk: 1000", "disk: 1e18");
  const { code, stderr } = await workspace.run("reproduce", "--profile", "slow");
  assertEquals(code, 1);
  assertMatch(stderr, /Cannot start: the run writes about [\d.]+ TB, [\d.]+ [kMGT]B are free/);
});

Deno.test("reproduce --json writes events, one a line, the summary last", async () => {
  await using workspace = await Workspace.create();
  const { stdout } = await workspace.run("reproduce", "--json");
  const events = stdout.trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(events[0].type, "plan");
  assertEquals(events.at(-1).type, "summary");
  const ofNumbers = events.filter(({ id }) => id === "numbers").map(({ type }) => type);
  assertEquals(ofNumbers, ["start", "progress", "built"]);
  const { done, total, note } = events.find(({ type }) => type === "progress");
  assertEquals({ done, total, note }, { done: 5, total: 5, note: "all" });
});

Deno.test("graph prints a Mermaid diagram", async () => {
  await using workspace = await Workspace.create();
  const { stdout } = await workspace.run("graph");
  assertStringIncludes(stdout, 'flowchart LR\n  t0["numbers"]\n');
  assertStringIncludes(stdout, "t0 --> t2");
});

Deno.test("clean keeps what a profile refers to, --all keeps nothing", async () => {
  await using workspace = await Workspace.create();
  await workspace.reproduce("--set", "numbers.count=6");
  await workspace.reproduce();
  const { stdout } = await workspace.run("clean");
  assertEquals(stdout.match(/remove artifacts\/[a-z]/g)?.length, 5);
  assertMatch(stdout, /[\d.]+ kB freed/);
  assertEquals((await workspace.reproduce()).built, []);
  await workspace.run("clean", "--all");
  const left = await Array.fromAsync(Deno.readDir(join(workspace.root, "artifacts")), ({ name }) => name);
  assertEquals(left, [".lock"]);
  assertEquals((await workspace.reproduce()).built.length, 5);
});

Deno.test("independent tasks run side by side within the cores they are given", async () => {
  await using workspace = await Workspace.create();
  const overlaps = async (...args: string[]) => {
    const { stdout } = await workspace.run(
      "reproduce",
      "--json",
      "--profile",
      "slow",
      "--set",
      "slow.steps=3",
      ...args,
    );
    const order = stdout.trim().split("\n").map((line) => JSON.parse(line)).filter(({ type }) =>
      type === "start" || type === "built"
    ).map(({ type }) => type);
    return order[0] === "start" && order[1] === "start";
  };
  assertEquals(await overlaps("--jobs", "2"), false, "a stage that wants all cores runs alone");
  await workspace.run("clean", "--all");
  assertEquals(await overlaps("--jobs", "2", "--task-cores", "1"), true);
  await workspace.edit("stages/slow/mod.ts", 'cores: "all"', "cores: 1");
  await workspace.run("clean", "--all");
  assertEquals(await overlaps("--jobs", "2"), true);
  await workspace.run("clean", "--all");
  assertEquals(await overlaps("--jobs", "1"), false);
});

Deno.test("a folder of the user's in the report's place costs the report alone", async () => {
  await using workspace = await Workspace.create();
  await Deno.mkdir(join(workspace.root, "reports/quick"), { recursive: true });
  await Deno.writeTextFile(join(workspace.root, "reports/quick/notes.txt"), "of three years");
  const first = await workspace.reproduce();
  assertEquals([first.built.length, first.failed], [4, ["report"]]);
  const { code, stdout } = await workspace.run("reproduce");
  assertEquals(code, 1);
  assertStringIncludes(stdout, "Cannot publish to reports/quick: it holds notes.txt and no published report");
  assertEquals(await workspace.read("reports/quick/notes.txt"), "of three years");
  await Deno.rename(join(workspace.root, "reports/quick"), join(workspace.root, "mine"));
  assertEquals(await workspace.reproduce(), {
    built: [],
    fresh: [...first.built, "report"],
    failed: [],
  });
});
