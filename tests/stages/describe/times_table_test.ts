import { assertEquals } from "@std/assert";
import type { Times } from "../../../stages/describe/times.ts";
import { timesTable } from "../../../stages/describe/times_table.ts";

function task(
  id: string,
  stage: string,
  model: string | undefined,
  seconds?: number,
): Times["tasks"][number] {
  const none: Record<string, string> = {};
  return { id, stage, point: model === undefined ? none : { model, seed: 0 }, seconds };
}

const times = {
  backend: "wasm",
  machine: { cpu: "a processor", cores: 2 },
  calibration: 5,
  share: 1,
  seconds: 12_600,
  tasks: [
    task("download", "download", undefined),
    task("train[cnn,0]", "train", "cnn", 7200),
    task("train[cnn,1]", "train", "cnn", 3600),
    task("train[resnet50,0]", "train", "resnet50", 1800),
    task("report", "report", undefined, 360),
  ],
};

Deno.test("times are a row a model with all its seeds, a column a stage, in one unit", () => {
  assertEquals(timesTable(times), [
    "Estimated time with backend wasm on a processor, 2 cores, were they idle, from 5.0 s of calibration:",
    "",
    "hours           train  report  sum",
    "cnn               3.0          3.0",
    "resnet50          0.5          0.5",
    "for all models            0.1  0.1",
    "sum               3.5     0.1  3.6",
    "",
    "All of it, tasks of one core side by side: 3.5 hours, and download, which depends on the network",
  ]);
});

Deno.test("a machine that does other work is said to be busy", () => {
  assertEquals(
    timesTable({ ...times, share: 0.25 }).at(-1),
    "The machine is busy: the calibration had a core for 25% of its time; as long as that goes on everything takes longer",
  );
});
