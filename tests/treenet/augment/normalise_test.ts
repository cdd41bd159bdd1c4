import { assertAlmostEquals, assertEquals } from "@std/assert";
import { MEAN, normalise, STD } from "../../../treenet/augment/mod.ts";

Deno.test("normalise: every pixel value of every channel is (value ÷ 255 − mean) ÷ std", () => {
  const pixels = Uint8Array.from({ length: 3 * 256 }, (_, i) => Math.floor(i / 3));
  normalise(pixels).forEach((value, i) => {
    assertAlmostEquals(value, (Math.floor(i / 3) / 255 - MEAN[i % 3]) / STD[i % 3], 1e-6);
  });
});

Deno.test("normalise: values are float32 numbers as torchvision rounds them", () => {
  // NumPy, in float32: (v / 255 - mean) / std, one value a channel.
  assertEquals([...normalise(new Uint8Array([0, 128, 255]))], [
    -2.1179039478302,
    0.20518219470977783,
    2.640000104904175,
  ]);
});

Deno.test("normalise: writes into the array it is given", () => {
  const out = new Float32Array(3);
  assertEquals(normalise(new Uint8Array(3), out) === out, true);
  assertEquals(out[0] !== 0, true);
});
