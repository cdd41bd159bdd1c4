import { assertEquals, assertStringIncludes } from "@std/assert";
import cpu from "../../../profiles/cpu.json" with { type: "json" };
import { COMPARISONS } from "../../../tools/bench/peers/all.ts";
import { entryOf, type Subject } from "../../../tools/bench/peers/peer_entry.ts";
import { commandOf, STEPS as COMMANDS } from "../../../tools/bench/peers/rerun/rerun_steps.ts";
import { TOOLS } from "../../../tools/bench/peers/rerun/tools.ts";
import { STEPS } from "../../../tools/bench/peers/training/training_steps.ts";

const subject = { name: "part/case", backend: "wasm", mode: "mul + add", against: "Peer: way" } as const;
const rate: Subject = { ...subject, unit: "images/s" };
const time: Subject = { ...subject, unit: "s" };

Deno.test("a ratio above 1 says that we are faster, whatever the unit", () => {
  const [twice, half] = [[20], [10]];
  assertEquals(entryOf(rate, { ours: twice, peer: half }).ratio, 2);
  assertEquals(entryOf(rate, { ours: half, peer: twice }).ratio, 0.5);
  assertEquals(entryOf(time, { ours: half, peer: twice }).ratio, 2);
  assertEquals(entryOf(time, { ours: twice, peer: half }).ratio, 0.5);
});

Deno.test("an entry has the medians of the runs, four digits of each number", () => {
  const entry = entryOf(time, { ours: [3, 1, 2], peer: [1.23456, 9, 0.5] });
  assertEquals([entry.ours, entry.peer], [2, 1.235]);
  assertEquals(entry.runs, { ours: [3, 1, 2], peer: [1.235, 9, 0.5] });
  assertEquals(entry.ratio, 0.617);
});

Deno.test("no two entries have the same name", () => {
  const names = COMPARISONS.flatMap((one) => one.names);
  assertEquals(new Set(names).size, names.length);
});

Deno.test("steps of the cpu profile are those of profiles/cpu.json", () => {
  for (const model of ["dense-join", "avg-join", "cnn", "resnet50"] as const) {
    const { architecture, batch, locals } = STEPS.find(({ name }) =>
      name === `train-step/cpu-profile/${model}`
    )!;
    const { seeds: _, ...own } = { seeds: cpu.seeds, ...cpu.models[model] };
    assertEquals(architecture as unknown, own, model);
    assertEquals([batch, locals], [cpu.train.batch, cpu["augment-cache"].locals.count], model);
  }
});

Deno.test("every engine is given the same commands, and an edit changes the last one alone", () => {
  const changed = COMMANDS.filter((step) => commandOf(step, "one") !== commandOf(step, "two"));
  assertEquals(changed.map(({ name }) => name), ["report"]);
  for (const tool of TOOLS) {
    const graph = tool.graph("word").replaceAll('\\"', '"');
    for (const step of COMMANDS) {
      assertStringIncludes(graph, commandOf(step, "word"), `${tool.name}: ${step.name}`);
    }
  }
});
