import { assert, assertEquals } from "@std/assert";
import { COMPARISONS } from "./all.ts";
import { byTurns } from "./comparison.ts";

Deno.test("sides are measured by turns, in their order", async () => {
  const order: string[] = [];
  const side = (name: string) => () => Promise.resolve(order.push(name));
  const found = await byTurns(2, { ours: side("ours"), peer: side("peer") });
  assertEquals(order, ["ours", "peer", "ours", "peer"]);
  assertEquals(found, { ours: [1, 3], peer: [2, 4] });
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
