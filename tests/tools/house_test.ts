import { assertEquals, assertMatch } from "@std/assert";
import { fileURLToPath } from "node:url";
import { ownComplaints } from "../../tools/doc_lint.ts";
import { refusal } from "../../tools/lint/floors.ts";
import { circleIn, crowdIn, namesakeIn } from "../../tools/lint/import_graph.ts";
import plugin from "../../tools/lint/mod.ts";

function lint(path: string, source: string): string[] {
  const file = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  return Deno.lint.runPlugin(plugin, file, source).map(({ id }) => id);
}

const refuses = (from: string, to: string, isType = false) => refusal({ from, to, isType });

Deno.test("imports run down the floors", () => {
  const refused = [
    ["pipeline/run/attempt.ts", "stages/train/run.ts", /knows nothing of this paper/],
    ["pipeline/base/files.ts", "formats/npy.ts", /knows nothing of this paper/],
    ["pipeline/store/lock.ts", "pipeline/run/attempt.ts", /a floor above/],
    ["pipeline/code/modules.ts", "pipeline/child/sandbox.ts", /another room of the same floor/],
    ["treenet/loss.ts", "stages/train/run.ts", /a floor above/],
    ["treenet/loss.ts", "pipeline/stage.ts", /a floor above/],
    ["formats/npy.ts", "treenet/loss.ts", /a floor above/],
    ["stages/train/run.ts", "workflow/backends/mod.ts", /another room of the same floor/],
    ["stages/train/run.ts", "workflow/mod.ts", /a floor above/],
    ["stages/train/run.ts", "pipeline/run/attempt.ts", /only the engine's contracts/],
  ] as const;
  for (const [from, to, reason] of refused) assertMatch(refuses(from, to) ?? "allowed", reason);
  const allowed = [
    ["pipeline/run/attempt.ts", "pipeline/store/lock.ts"],
    ["stages/train/run.ts", "pipeline/stage.ts"],
    ["stages/train/run.ts", "pipeline/base/digests.ts"],
    ["stages/train/run.ts", "treenet/loss.ts"],
    ["treenet/loss.ts", "formats/npy.ts"],
    ["workflow/commands/predict/predict_command.ts", "pipeline/mod.ts"],
    ["workflow/mod.ts", "stages/train/mod.ts"],
    ["tests/pipeline/tasks/graph_test.ts", "pipeline/tasks/graph.ts"],
  ];
  for (const [from, to] of allowed) assertEquals(refuses(from, to), undefined, `${from} → ${to}`);
});

Deno.test("what a task computes takes types alone of what a stage declares", () => {
  assertMatch(refuses("stages/train/run.ts", "stages/train/mod.ts", true) ?? "", /without the declaration/);
  assertMatch(refuses("stages/train/run.ts", "stages/train/params.ts") ?? "", /import types alone/);
  assertMatch(refuses("stages/train/run.ts", "stages/download/params.ts") ?? "", /import types alone/);
  assertMatch(refuses("stages/train/run.ts", "stages/probe/run.ts", true) ?? "", /another stage/);
  assertEquals(refuses("stages/train/run.ts", "stages/train/params.ts", true), undefined);
  assertEquals(refuses("stages/train/run.ts", "stages/download/params.ts", true), undefined);
  assertEquals(refuses("stages/train/mod.ts", "stages/train/params.ts"), undefined);
  assertEquals(refuses("stages/train/mod.ts", "stages/download/mod.ts"), undefined);
});

Deno.test("every kind of import is looked at", () => {
  const rule = ["house/floors"], from = "pipeline/run/scheduler.ts";
  assertEquals(lint(from, 'import x from "../../stages/train/mod.ts"; x;'), rule);
  assertEquals(lint(from, 'import type { X } from "../../stages/train/mod.ts";'), rule);
  assertEquals(lint(from, 'export { x } from "../../stages/train/mod.ts";'), rule);
  assertEquals(lint(from, 'export * from "../../stages/train/mod.ts";'), rule);
  assertEquals(lint(from, 'await import("../../stages/train/mod.ts");'), rule);
  assertEquals(lint(from, 'import x from "../plan/plan.ts"; x;'), []);
});

Deno.test("a circle, a crowded folder and a shared name are found, with the way out in the message", () => {
  const graph = new Map([["a/x.ts", ["a/y.ts"]], ["a/y.ts", ["b/z.ts"]], ["b/z.ts", ["a/x.ts"]], ["b/w.ts", [
    "a/x.ts",
  ]]]);
  assertEquals(circleIn(graph, "a/x.ts"), ["a/x.ts", "a/y.ts", "b/z.ts", "a/x.ts"]);
  assertEquals(circleIn(graph, "b/w.ts"), undefined);
  const crowd = Array.from({ length: 21 }, (_, i) => `a/m${i}.ts`);
  assertEquals(crowdIn(crowd, "a/m0.ts"), 21);
  assertEquals(crowdIn(crowd, "a/m1.ts"), undefined, "said once a folder");
  assertEquals(crowdIn(crowd.slice(1), "a/m1.ts"), undefined);
  const names = ["a/mod.ts", "b/mod.ts", "a/loss.ts", "b/loss.ts", "tests/fixtures/workflow/loss.ts"];
  assertEquals(namesakeIn(names, "a/loss.ts"), "b/loss.ts");
  assertEquals(namesakeIn(names, "a/mod.ts"), undefined);
  assertEquals(namesakeIn(names, "tests/fixtures/workflow/loss.ts"), undefined);
});

Deno.test("a doc comment begins with a sentence, whatever else is a comment", () => {
  const rule = ["house/sentence"];
  for (const text of ["Of each leaf.", "What it costs.", "Whether it holds.", "How long."]) {
    assertEquals(lint("treenet/loss.ts", `/** ${text} */\nexport const x = 1;`), rule, text);
  }
  assertEquals(
    lint("treenet/loss.ts", "/**\n * What it is.\n *\n * @module\n */\nexport const x = 1;"),
    rule,
  );
  assertEquals(lint("treenet/loss.ts", "/** Gradient of each leaf. */\nexport const x = 1;"), []);
  assertEquals(lint("treenet/loss.ts", "// What follows is a table\nexport const x = 1;"), []);
});

Deno.test("a text that is in no key is refused where results are made", () => {
  assertEquals(lint("stages/train/section.ts", "f(words`Loss`);"), ["house/words"]);
  assertEquals(lint("treenet/loss.ts", "f(words`Loss`);"), ["house/words"]);
  assertEquals(lint("treenet/methods/dino.ts", "f(words`Loss`);"), []);
  assertEquals(lint("stages/train/section.ts", "f(tag`Loss`, words.first);"), []);
});

Deno.test("a computed import is refused but where the house composes", () => {
  assertEquals(lint("stages/train/run.ts", "await import(`./${name}.ts`);"), ["house/computed-import"]);
  assertEquals(lint("treenet/loss.ts", "await import(name);"), ["house/computed-import"]);
  assertEquals(lint("stages/train/run.ts", 'await import("./length.ts");'), []);
  assertEquals(lint("workflow/mod.ts", "await import(`./${name}.ts`);"), []);
  assertEquals(lint("pipeline/child/run_stage.ts", "await import(name);"), []);
});

Deno.test("clock, random numbers and core count are refused where results are made, and only there", () => {
  const sources = [
    "Date.now()",
    "Math.random()",
    "performance.now()",
    "navigator.hardwareConcurrency",
    "new Date()",
  ];
  for (const source of sources) {
    assertEquals(lint("treenet/loss.ts", `f(${source});`), ["house/hidden-input"], source);
    assertEquals(lint("pipeline/run/scheduler.ts", `f(${source});`), [], source);
  }
  assertEquals(lint("stages/train/run.ts", "f(Math.max(1, 2), new Date(0));"), []);
});

Deno.test("doc lint forgives references to zod's types and nothing else", () => {
  const forgiven =
    "error[private-type-ref]: public type 'Stage[\"params\"]' references private type 'ZodType'\n  --> a.ts\n";
  const own = "error[missing-jsdoc]: exported symbol is missing JSDoc documentation\n  --> b.ts\n";
  assertEquals(ownComplaints(forgiven + own), [own]);
});
