import { assert, assertEquals, assertGreater } from "@std/assert";
import type { Timed } from "../../../pipeline/plan/outlook.ts";
import { openBackend } from "../../../workflow/backends/mod.ts";
import { timesTable, timeUnits } from "../../../workflow/commands/describe/times.ts";
import { trainParams } from "../../../stages/train/params.ts";

Deno.test("a unit of every stage that passes images through a network is timed, by the real model", async () => {
  const architecture = { channels: [4, 8], strides: [1, 1], leafSize: 4 };
  const small = { model: "cnn", seed: 0, architecture, batch: 4 };
  const train = trainParams.parse({
    ...small,
    method: "byol",
    epochs: 1,
    warmupSteps: 1,
    head: { hidden: 4, bottleneck: 4 },
  });
  const views = { images: 64, globals: { count: 2, size: 16 }, locals: { count: 1, size: 9 } };
  const task = (stage: string, params: unknown, inputs = {}): Timed => ({
    id: `${stage}[cnn,0]`,
    stage,
    params: params as Timed["params"],
    inputs,
    declared: 1e-3,
    cores: 1,
  });
  const timed = ["ema-teacher", "layer-probe", "ensemble", "curve", "saliency"].map((stage) =>
    task(stage, small)
  );
  const others = task("umap", {});
  const seconds = await timeUnits(
    [task("train", train, { views }), ...timed, others],
    await openBackend("wasm"),
  );
  assertEquals(
    Object.keys(seconds),
    ["train", ...timed.map(({ stage }) => stage)].map((name) => `${name}[cnn,0]`),
  );
  for (const value of Object.values(seconds)) assertGreater(value, 0);
});

Deno.test("times are shown a row a stage and a column a model, with how they are known", () => {
  const task = (stage: string, point: Record<string, string | number>, seconds: number | null) =>
    ({
      id: stage,
      stage,
      point,
      seconds,
      basis: seconds === null ? null : seconds === 90 ? "timed" : "stated",
    }) as const;
  const lines = timesTable({
    backend: "wasm",
    seconds: 412,
    tasks: [
      task("download", {}, null),
      task("train", { model: "a", seed: 0 }, 90),
      task("train", { model: "a", seed: 1 }, 90),
      task("train", { model: "b", seed: 0 }, 246),
    ],
  }).split("\n");
  assertEquals(lines, [
    "Time with backend wasm on this machine, minutes:",
    "",
    "          for all  a    b  sum            known",
    "download        0            0          unknown",
    "train              3  4.1  7.1  timed, declared",
    "",
    "All of it, tasks of one core side by side: about 6.9 minutes",
  ]);
  assert(lines.every((line) => !line.endsWith(" ")));
});
