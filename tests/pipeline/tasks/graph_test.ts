import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { z } from "zod";
import {
  buildGraph,
  dependencies,
  tasksNamed,
  withDownstream,
  withUpstream,
} from "../../../pipeline/tasks/graph.ts";
import { type AnyStage, every, type Inputs, type Point } from "../../../pipeline/stage.ts";

function stage(name: string, inputs: Inputs = {}, axes: readonly string[] = []): AnyStage {
  const params = z.unknown();
  return {
    name,
    run: `file:///${name}.ts`,
    axes,
    inputs,
    params,
    outputs: [],
  };
}

function graphOf(...stages: AnyStage[]) {
  return buildGraph(stages, { axes: { model: ["a", "b"], seed: [0, 1] }, params: () => ({}) });
}

const download = stage("download");
const views = stage("views", { data: download }, ["seed"]);
const train = stage("train", { views }, ["model", "seed"]);
const report = stage("report", { trained: every(train) });

Deno.test("a stage becomes one task a point of its axes, matched to the points of its inputs", () => {
  const graph = graphOf(report, train, views, download);
  const ids = graph.map((task) => `${task.id} < ${dependencies(task).map(({ id }) => id).join(" ")}`.trim());
  assertEquals(ids, [
    "download <",
    "views[0] < download",
    "views[1] < download",
    "train[a,0] < views[0]",
    "train[a,1] < views[1]",
    "train[b,0] < views[0]",
    "train[b,1] < views[1]",
    "report < train[a,0] train[a,1] train[b,0] train[b,1]",
  ]);
});

Deno.test("an optional stage that the profile leaves out has no tasks, and one that it names has all", () => {
  const reader = stage("reader", { views: every(views), trained: every(train, { optional: true }) });
  const idsRead = (...stages: AnyStage[]) =>
    dependencies(tasksNamed(graphOf(reader, download, views, ...stages), "reader")[0]).map(({ id }) => id);
  assertEquals(idsRead(), ["views[0]", "views[1]"]);
  assertEquals(idsRead(train).length, 2 + 4);
  const graph = graphOf(reader, train, views, download);
  assertEquals(graph.at(-1)!.id, "reader");
  assertThrows(() => graphOf(stage("strict", { trained: every(train) })), Error, "strict needs train");
});

Deno.test("a task comes after all it reads, whatever the order of the profile", () => {
  const stages = Array.from({ length: 8 }, (_, i) => i).reduce<AnyStage[]>(
    (
      made,
      i,
    ) => [
      ...made,
      stage(
        `s${i}`,
        Object.fromEntries(made.filter((_, j) => (i * 7 + j) % 3 === 0).map((s) => [s.name, s])),
      ),
    ],
    [],
  );
  fc.assert(fc.property(fc.shuffledSubarray(stages, { minLength: stages.length }), (order) => {
    const graph = graphOf(...order);
    for (const [i, task] of graph.entries()) {
      for (const input of dependencies(task)) assertEquals(graph.indexOf(input) < i, true);
    }
  }));
});

Deno.test("a cycle is named", () => {
  const a = stage("a");
  const b = stage("b", { a });
  Object.assign(a, { inputs: { b } });
  assertThrows(() => graphOf(a, b), Error, "a → b → a is a cycle");
});

Deno.test("an input that is no stage is named", () => {
  const broken = stage("train", { veiws: undefined as unknown as AnyStage });
  assertThrows(() => graphOf(broken), Error, 'input "veiws" of train is not a stage');
});

Deno.test("an input that the profile leaves out is named", () => {
  assertThrows(() => graphOf(views), Error, "views needs download, which the profile does not name");
});

Deno.test("an unknown axis is named with the nearest one", () => {
  assertThrows(() => graphOf(stage("x", {}, ["modle"])), Error, 'no axis "modle", did you mean "model"');
});

Deno.test("a value that an axis has twice is refused: two tasks would share a folder", () => {
  const twice = () =>
    buildGraph([stage("x", {}, ["seed"])], { axes: { seed: [0, 1, 0] }, params: () => ({}) });
  assertThrows(twice, Error, "Cannot expand x: seed 0 is there twice, name it once");
});

Deno.test("a point that the workflow leaves out has no task, whichever stage has its axes", () => {
  const leavesOut = (_: AnyStage, { model, seed }: Point) => seed === 1 && model === "b";
  const axes = { model: ["a", "b"], seed: [0, 1] };
  const graph = buildGraph([download, views, train, report], { axes, leavesOut, params: () => ({}) });
  const ids = graph.map(({ id }) => id);
  assertEquals(ids.slice(1), ["views[0]", "views[1]", "train[a,0]", "train[a,1]", "train[b,0]", "report"]);
  assertEquals(dependencies(graph.at(-1)!).length, 3);
});

Deno.test("a task whose input is left out is refused", () => {
  const leavesOut = (_: AnyStage, { model, seed }: Point) => model === undefined && seed === 1;
  const axes = { model: ["a"], seed: [0, 1] };
  const build = () => buildGraph([download, views, train], { axes, leavesOut, params: () => ({}) });
  assertThrows(build, Error, "Cannot match views to train[a,1]: it is left out there");
});

Deno.test("an input with more axes than its reader is refused", () => {
  const single = stage("single", { train });
  assertThrows(
    () => graphOf(download, views, train, single),
    Error,
    "has an axis model, seed that single lacks",
  );
});

Deno.test("a name is a stage or a task, and what is near it in the graph is found", () => {
  const graph = graphOf(download, views, train, report);
  assertEquals(tasksNamed(graph, "train").length, 4);
  const [task] = tasksNamed(graph, "train[b,1]");
  assertEquals([...withUpstream([task])].map(({ id }) => id), ["train[b,1]", "views[1]", "download"]);
  assertEquals([...withDownstream(graph, [task])].map(({ id }) => id), ["train[b,1]", "report"]);
});
