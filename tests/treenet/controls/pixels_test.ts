import { assertEquals, assertThrows } from "@std/assert";
import { pixelFeatures } from "../../../treenet/controls/pixels.ts";

/** Two images of 4 × 4 pixels: red is the column, green the row, blue the number of the image. */
const images = Uint8Array.from({ length: 2 * 48 }, (_, at) => {
  const pixel = Math.floor(at / 3) % 16;
  return [pixel % 4, Math.floor(pixel / 4), Math.floor(at / 48)][at % 3];
});

Deno.test("whole images are their bytes", () => {
  assertEquals([...pixelFeatures(images, { from: 4, side: 4 })], [...images]);
});

Deno.test("smaller images are averages of squares, by channel", () => {
  const [low, high] = [0.5, 2.5];
  const of = (image: number) => [
    ...[low, low, image, high, low, image],
    ...[low, high, image, high, high, image],
  ];
  assertEquals([...pixelFeatures(images, { from: 4, side: 2 })], [...of(0), ...of(1)]);
});

Deno.test("a side that does not divide is refused", () => {
  assertThrows(() => pixelFeatures(images, { from: 4, side: 3 }), RangeError, "3 does not divide 4");
});
