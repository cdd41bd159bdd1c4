import { assert, assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { blurred, enlarged, hot, hotColour, overlay } from "../../../treenet/figures/tiles.ts";

const grey = { side: 2, rgb: new Uint8Array(12).fill(200) };
const map = { values: Float32Array.of(0, 1, 2, 4), bottom: 0, top: 2 };

Deno.test("an enlarged tile repeats every pixel as a square", () => {
  const rgb = Uint8Array.from({ length: 12 }, (_, i) => i);
  const { side, rgb: out } = enlarged({ side: 2, rgb }, 2);
  assertEquals(side, 4);
  assertEquals([...out.subarray(0, 12)], [0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5]);
  assertEquals(out.subarray(12, 24), out.subarray(0, 12));
});

Deno.test("hot colours rise from black to white", () => {
  assertEquals(hotColour(0), [0, 0, 0]);
  assertEquals(hotColour(1), [1, 1, 1]);
  const sums = Array.from({ length: 20 }, (_, i) => hotColour(i / 19).reduce((a, b) => a + b));
  assert(sums.every((sum, i) => i === 0 || sum > sums[i - 1]));
});

Deno.test("values beyond the top of a map are drawn as the top", () => {
  const { rgb } = hot(map);
  assertEquals(rgb.subarray(6, 9), rgb.subarray(9, 12));
});

Deno.test("a map adds light of its own hue and leaves the rest of the image alone", () => {
  const { rgb } = overlay(grey, [{ map, hue: [255, 0, 0] }]);
  const bare = overlay(grey, []).rgb;
  assertEquals(rgb.subarray(0, 3), bare.subarray(0, 3));
  assertEquals(rgb[6], 255);
  assertEquals([rgb[7], rgb[8]], [bare[7], bare[8]]);
});

Deno.test("blurring keeps an even map even and spreads a bright pixel", () => {
  blurred(new Float32Array(25).fill(3)).forEach((value) => assertAlmostEquals(value, 3, 1e-6));
  const spread = blurred(new Float32Array(25).with(12, 1));
  assertGreater(spread[12], spread[11]);
  assertGreater(spread[11], 0);
  assertAlmostEquals(spread[7], spread[17], 1e-7);
});
