import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { Workspace } from "../../../fixtures/test_workspace.ts";

interface Compared {
  readonly same: boolean;
  readonly first: string | null;
  readonly tasks: readonly {
    readonly task: string;
    readonly on: string;
    readonly same: boolean;
    readonly digests: readonly (string | null)[];
    readonly changes: readonly {
      readonly part: string;
      readonly name: string;
      readonly before: string | null;
    }[];
    readonly metrics: readonly unknown[];
  }[];
  readonly lost: readonly (readonly string[])[];
}

async function diff(workspace: Workspace, ...args: string[]): Promise<Compared & { readonly code: number }> {
  const { code, stdout, stderr } = await workspace.run("diff", ...args, "--json");
  if (stdout === "") throw new Error(stderr);
  return { code, ...JSON.parse(stdout) };
}

Deno.test("diff compares profiles, tasks and artifacts", async (t) => {
  await using workspace = await Workspace.create();
  await workspace.reproduce("--set", "numbers.count=6");
  const other = (await workspace.status("--set", "numbers.count=6")).report.dir!;
  await workspace.reproduce();

  await t.step("a state is the same as itself, exit code 0", async () => {
    const { code, same, first, tasks } = await diff(workspace, "quick", "quick");
    assertEquals([code, same, first, tasks.length], [0, true, null, 5]);
  });

  await t.step("an artifact stands for all that it was made from, the cause comes first", async () => {
    const { code, first, tasks } = await diff(workspace, "report", other);
    assertEquals([code, first], [1, "numbers"]);
    assertEquals(tasks.map(({ task }) => task), [
      "numbers",
      "apply-model[double,0]",
      "apply-model[square,0]",
      "total",
      "report",
    ]);
    assertEquals(
      tasks[0].changes,
      [
        { part: "config", name: "numbers.count", before: "5", after: "6" },
      ] as unknown as Compared["tasks"][0]["changes"],
    );
    assertEquals(tasks[0].metrics, [{ name: "count", before: 5, after: 6 }]);
    assertEquals(tasks[3].metrics, [{ name: "total", before: 85, after: 133 }]);
  });

  await t.step("an artifact compared with a profile leaves out nothing of either", async () => {
    const { tasks } = await diff(workspace, await current(workspace, "total"), "quick");
    assertEquals(tasks.map(({ task, on, same }) => [task, on, same]), [
      ["numbers", "both", true],
      ["apply-model[double,0]", "both", true],
      ["apply-model[square,0]", "both", true],
      ["total", "both", true],
      ["report", "second", false],
    ]);
  });

  await t.step("two tasks of a stage are compared with each other", async () => {
    const { tasks, first } = await diff(workspace, "apply-model[double,0]", "apply-model[square,0]");
    assertEquals(first, "apply-model[double,0] | apply-model[square,0]");
    assertEquals(tasks[0].same, true, "both read the same numbers");
    assertEquals(tasks[1].changes.find(({ name }) => name === "apply-model.model")?.before, '"double"');
    assertEquals(tasks[1].metrics, [{ name: "sum", before: 30, after: 55 }]);
  });

  await t.step("profiles that are not built differ in their configuration", async () => {
    const quick = JSON.parse(await workspace.read("profiles/quick.json"));
    await workspace.write("profiles/other.json", { ...quick, numbers: { count: 7 } });
    const { stdout } = await workspace.run("diff", "quick", "other");
    assertStringIncludes(stdout, " → not built\n  config changed: numbers.count 5 → 7\n");
    assertStringIncludes(stdout, "0 tasks the same, 5 different, the first is numbers\n");
  });

  await t.step("what the store has lost is named", async () => {
    const total = await current(workspace, "total");
    await Deno.remove(join(workspace.root, await current(workspace, "numbers")), { recursive: true });
    const { lost } = await diff(workspace, total, "quick");
    assertEquals(lost[0], ["data of apply-model[double,0]", "data of apply-model[square,0]"]);
  });
});

/** Folder of a task's artifact. */
async function current(workspace: Workspace, id: string): Promise<string> {
  const { dir } = (await workspace.status())[id];
  if (dir !== null) return dir;
  throw new Error(`${id} has no artifact`);
}

Deno.test("a side that is none is named, with what there is", async () => {
  await using workspace = await Workspace.create();
  await workspace.reproduce();
  const cases: [string[], string][] = [
    [["quick"], "it needs A B, see deno task diff --help"],
    [["quick", "quik"], 'no such profile or task, did you mean "quick"'],
    [["quick", "apply-model"], "name one of its tasks: apply-model[double,0], apply-model[square,0]"],
    [["quick", "artifacts/total/main/none"], "no artifact is there, expected a folder with artifact.json"],
    [["slow[0]", "quick", "--profile", "slow"], 'it is missing in profile "slow"'],
  ];
  for (const [args, message] of cases) {
    const { code, stdout, stderr } = await workspace.run("diff", ...args);
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr, message);
  }
});
