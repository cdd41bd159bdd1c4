import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { forecast } from "../../../pipeline/plan/forecast.ts";
import type { Task } from "../../../pipeline/stage.ts";
import { Workspace } from "../../fixtures/test_workspace.ts";

function task(id: string, cores: number | "all", inputs: readonly Task[] = []): Task {
  return { id, stage: { needs: { cores } }, inputs: { all: inputs } } as unknown as Task;
}

Deno.test("a forecast keeps the order, the cores and the inputs that the scheduler keeps", () => {
  const [a, b] = [task("a", 1), task("b", 1)];
  const whole = task("whole", "all", [a]);
  const last = task("last", 1, [b, whole]);
  const graph = [a, b, whole, last];
  const times = new Map([[a, 3], [b, 5], [whole, 7], [last, 1]]);
  assertEquals(forecast(graph, { times, jobs: 2 }), 5 + 7 + 1, "a beside b, whole alone");
  assertEquals(forecast(graph, { times, jobs: 1 }), 3 + 5 + 7 + 1);
  assertEquals(forecast(graph, { times, jobs: 2, perTask: 1 }), 3 + 7 + 1, "whole takes one core, beside b");
  assertEquals(forecast(graph, { times: new Map([[whole, 7]]), jobs: 2 }), 7, "the others are fresh");
  assertEquals(forecast(graph, { times: new Map(), jobs: 2 }), 0);
});

interface Planned {
  readonly id: string;
  readonly seconds: number;
  readonly basis: string;
}

interface PlanEvent {
  readonly tasks: readonly Planned[];
  readonly seconds: number;
  readonly least: number;
  readonly unknown: number;
}

async function plan(workspace: Workspace, ...args: string[]): Promise<PlanEvent> {
  const { stdout } = await workspace.run("reproduce", "--dry-run", "--json", ...args);
  return JSON.parse(stdout.split("\n")[0]);
}

/** Makes the run of every artifact of a task one of so many seconds. */
async function recordSeconds(workspace: Workspace, place: string, seconds: number): Promise<void> {
  for (const { name } of Deno.readDirSync(join(workspace.root, "artifacts", place))) {
    await workspace.amend(`artifacts/${place}/${name}/run.json`, () => ({ seconds }));
  }
}

Deno.test("times come from earlier runs, scaled by what the stage says where parameters differ", async (t) => {
  await using workspace = await Workspace.create();
  await workspace.write("profiles/paced.json", { summary: "", seeds: [0], models: {}, paced: { size: 2 } });
  const paced = ["--profile", "paced"];

  await t.step("before the first run it is the stage's word", async () => {
    const { tasks, seconds, least } = await plan(workspace, ...paced);
    assertEquals(tasks.map(({ seconds, basis }) => ({ seconds, basis })), [{
      seconds: 2000,
      basis: "stated",
    }]);
    assertEquals([seconds, least], [2000, 2000]);
  });
  await workspace.reproduce(...paced);
  await recordSeconds(workspace, "paced/0", 10);

  await t.step("the same parameters take as long as last time", async () => {
    await workspace.edit("stages/paced/run.ts", "every time", "each time");
    const { tasks: [{ seconds, basis }] } = await plan(workspace, ...paced);
    assertEquals([seconds, basis], [10, "measured"]);
  });
  await t.step("three times the size takes three times as long", async () => {
    const { tasks: [{ seconds, basis }] } = await plan(workspace, ...paced, "--set", "paced.size=6");
    assertEquals([seconds, basis], [30, "scaled"]);
  });
  await t.step("another task of the stage tells how long one takes that was never built", async () => {
    const { tasks } = await plan(workspace, ...paced, "--set", "seeds=[0,1]", "--set", "paced.size=4");
    assertEquals(tasks.map(({ id, seconds, basis }) => [id, seconds, basis]), [
      ["paced[0]", 20, "scaled"],
      ["paced[1]", 20, "scaled"],
    ]);
  });
  await t.step("the plan says where its times come from", async () => {
    const { stdout } = await workspace.run("reproduce", "--dry-run", ...paced);
    assertStringIncludes(stdout, "paced[0]: code changed: ");
    assertStringIncludes(stdout, "(about 10 s, as last time)");
  });
});

Deno.test("what runs only if its inputs change is told apart from what is certain to run", async () => {
  await using workspace = await Workspace.create();
  await workspace.reproduce();
  await recordSeconds(workspace, "numbers/main", 100);
  await recordSeconds(workspace, "total/main", 50);
  await workspace.edit("stages/numbers/run.ts", "BASE + i * step", "i * step + BASE");
  const { least, seconds, tasks } = await plan(workspace);
  assertEquals(least, 100);
  assert(seconds >= 150, `${seconds}`);
  assertEquals(tasks.length, 5);
});

Deno.test("tasks of one, two and all cores keep the cores busy, and no more of them than there are", async () => {
  await using workspace = await Workspace.create();
  const { built } = await workspace.reproduce("--profile", "cores", "--jobs", "4");
  assertEquals(built.length, 12);
  const runs: { task: string; start: number; end: number; cores: number }[] = [];
  for (const { dir } of Object.values(await workspace.status("--profile", "cores"))) {
    const { task, started, finished, cores } = JSON.parse(await workspace.read(dir!, "run.json"));
    runs.push({ task, start: Date.parse(started), end: Date.parse(finished), cores });
  }
  const busy = runs.map(({ start }) => {
    const together = runs.filter((other) => other.start <= start && start < other.end);
    return {
      cores: together.reduce((sum, { cores }) => sum + cores, 0),
      stages: new Set(together.map(({ task }) => task.split("[")[0])),
    };
  });
  assertEquals(Math.max(...busy.map(({ cores }) => cores)), 4);
  for (const { cores, stages } of busy) {
    assert(cores <= 4, `${cores} cores of 4 are busy`);
    assert(!stages.has("whole") || stages.size === 1, "a task of all cores runs alone");
  }
  assert(
    busy.filter(({ stages }) => stages.has("single")).some(({ cores }) => cores === 4),
    "four of one core",
  );
  assert(
    busy.filter(({ stages }) => stages.has("pair")).some(({ cores }) => cores === 4),
    "two of two cores",
  );
  const work = runs.reduce((sum, { start, end, cores }) => sum + cores * (end - start), 0);
  const span = Math.max(...runs.map(({ end }) => end)) - Math.min(...runs.map(({ start }) => start));
  assert(work / (4 * span) > 0.6, `cores were busy ${(100 * work / (4 * span)).toFixed(0)}% of the time`);
});
