import { assertEquals, assertMatch } from "@std/assert";
import { fileURLToPath } from "node:url";
import { ownComplaints } from "../../tools/doc_lint.ts";
import plugin, { refusal } from "../../tools/lint_layers.ts";

function lint(path: string, source: string): string[] {
  const file = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  return Deno.lint.runPlugin(plugin, file, source).map(({ id }) => id);
}

Deno.test("the engine, the science and the stages import only downwards", () => {
  const refused = [
    ["pipeline/run.ts", "stages/train/run.ts"],
    ["stages/treenet/loss.ts", "stages/train/run.ts"],
    ["stages/treenet/loss.ts", "pipeline/types.ts"],
    ["stages/formats/npy.ts", "pipeline/types.ts"],
    ["stages/train/run.ts", "pipeline/run.ts"],
  ];
  const allowed = [
    ["pipeline/run.ts", "pipeline/plan.ts"],
    ["stages/train/run.ts", "pipeline/types.ts"],
    ["stages/train/run.ts", "stages/download/params.ts"],
    ["stages/train/run.ts", "stages/treenet/loss.ts"],
    ["stages/treenet/loss.ts", "stages/formats/npy.ts"],
    ["stages/mod.ts", "pipeline/mod.ts"],
    ["tests/pipeline/graph_test.ts", "pipeline/graph.ts"],
  ];
  for (const [from, to] of refused) assertMatch(refusal(from, to) ?? "", /imports? (nothing|neither)/);
  for (const [from, to] of allowed) assertEquals(refusal(from, to), undefined);
});

Deno.test("every kind of import is looked at", () => {
  const rule = ["layers/imports"];
  assertEquals(lint("pipeline/run.ts", 'import x from "../stages/train/run.ts";'), rule);
  assertEquals(lint("pipeline/run.ts", 'import type { X } from "../stages/train/run.ts";'), rule);
  assertEquals(lint("pipeline/run.ts", 'export { x } from "../stages/train/run.ts";'), rule);
  assertEquals(lint("pipeline/run.ts", 'export * from "../stages/train/run.ts";'), rule);
  assertEquals(lint("pipeline/run.ts", 'await import("../stages/train/run.ts");'), rule);
  assertEquals(lint("pipeline/run.ts", 'import x from "./plan.ts";'), []);
});

Deno.test("a computed import is refused but in the composition root and the engine's runner", () => {
  assertEquals(lint("stages/train/run.ts", "await import(`./${name}.ts`);"), ["layers/computed-import"]);
  assertEquals(lint("stages/treenet/loss.ts", "await import(name);"), ["layers/computed-import"]);
  assertEquals(lint("stages/train/run.ts", 'await import("./treenet/loss.ts");'), []);
  assertEquals(lint("stages/mod.ts", "await import(`./${name}.ts`);"), []);
  assertEquals(lint("pipeline/stage_runner.ts", "await import(name);"), []);
});

Deno.test("clock, random numbers and core count are refused in stages, and only there", () => {
  const sources = [
    "Date.now()",
    "Math.random()",
    "performance.now()",
    "navigator.hardwareConcurrency",
    "new Date()",
  ];
  for (const source of sources) {
    assertEquals(lint("stages/treenet/loss.ts", `f(${source});`), ["layers/hidden-input"], source);
    assertEquals(lint("pipeline/run.ts", `f(${source});`), [], source);
  }
  assertEquals(lint("stages/train/run.ts", "f(Math.max(1, 2), new Date(0));"), []);
});

Deno.test("doc lint forgives references to zod's types and nothing else", () => {
  const forgiven =
    "error[private-type-ref]: public type 'Stage[\"params\"]' references private type 'ZodType'\n  --> a.ts\n";
  const own = "error[missing-jsdoc]: exported symbol is missing JSDoc documentation\n  --> b.ts\n";
  assertEquals(ownComplaints(forgiven + own), [own]);
});
