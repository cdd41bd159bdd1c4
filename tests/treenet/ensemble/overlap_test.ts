import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { mapOverlap } from "../../../treenet/ensemble/map_overlap.ts";
import { draws, golden } from "./drawn.ts";

Deno.test("overlap of maps equals SciPy's rank correlation and numpy's sets", () => {
  const maps = Float32Array.from(draws(3, 2 * 3 * 100), Math.abs);
  const found = mapOverlap(maps, { leaves: 3, pixels: 100 });
  golden.spearman.forEach((value, i) => assertAlmostEquals(found.spearman[i], value, 1e-12));
  golden.iou.forEach((value, i) => assertAlmostEquals(found.iou[i], value, 1e-12));
});

Deno.test("leaves that look at one place overlap wholly, leaves that share the image out not at all", () => {
  const at = (place: number) =>
    Float32Array.from({ length: 100 }, (_, i) => Math.floor(i / 25) === place ? 1 + i : 0);
  const all = (places: readonly number[]) => Float32Array.from(places.flatMap((place) => [...at(place)]));
  const same = mapOverlap(all([1, 1, 1, 1]), { leaves: 4, pixels: 100 });
  assertAlmostEquals(same.spearman[0], 1, 1e-12);
  assertEquals([...same.iou], [1]);
  const apart = mapOverlap(all([0, 1, 2, 3]), { leaves: 4, pixels: 100 });
  assertLess(apart.spearman[0], -0.3);
  assertEquals([...apart.iou], [0]);
});
