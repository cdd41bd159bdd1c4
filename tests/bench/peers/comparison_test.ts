import { assert, assertEquals } from "@std/assert";
import { COMPARISONS } from "./all.ts";
import { byTurns, runsOf } from "./comparison.ts";

Deno.test("sides are measured by turns, in their order", async () => {
  const order: string[] = [];
  const side = (name: string) => () => Promise.resolve(order.push(name));
  const found = await byTurns(2, { ours: side("ours"), peer: side("peer") });
  assertEquals(order, ["ours", "peer", "ours", "peer"]);
  assertEquals(found, { ours: [1, 3], peer: [2, 4] });
});

Deno.test("runs are one number of every measurement", () => {
  const measured = {
    ours: [{ seconds: 1, trust: 5 }, { seconds: 2, trust: 6 }],
    peer: [{ seconds: 3, trust: 7 }],
  };
  assertEquals(runsOf(measured, "seconds"), { ours: [1, 2], peer: [3] });
  assertEquals(runsOf(measured, "trust"), { ours: [5, 6], peer: [7] });
});

Deno.test("no two entries have the same name, and every part of the benchmark is there", () => {
  const names = COMPARISONS.flatMap((one) => one.names);
  assertEquals(new Set(names).size, names.length);
  for (
    const name of [
      "train-step/dense-join-8",
      "augmentation/multi-crop",
      "probe/lbfgs-50000x128",
      "umap/2000x128",
      "rerun/no-op/ninja",
    ]
  ) assert(names.includes(name), name);
});
