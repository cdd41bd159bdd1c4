import { assertEquals, assertStringIncludes } from "@std/assert";
import { commandOf, STEPS } from "./steps.ts";
import { TOOLS } from "./tools.ts";

Deno.test("an edit changes the last step's command and no other", () => {
  const changed = STEPS.filter((step) => commandOf(step, "one") !== commandOf(step, "two"));
  assertEquals(changed.map(({ name }) => name), ["report"]);
});

Deno.test("every engine is given eight steps, and the same commands", () => {
  for (const tool of TOOLS) {
    const graph = tool.graph("word").replaceAll('\\"', '"');
    for (const step of STEPS) {
      assertStringIncludes(graph, commandOf(step, "word"), `${tool.name}: ${step.name}`);
    }
  }
});
