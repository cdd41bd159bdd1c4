/**
 * `deno task predict` on a whole tiny workflow is in `tests/acceptance/archive_by_command.ts`; here are its parts.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { encodePng } from "../../../formats/png.ts";
import { isMarked, marked, MARKED_BYTES } from "../../../workflow/commands/predict/mark.ts";
import { readImage } from "../../../workflow/commands/predict/image.ts";
import { drawPrediction, ranked } from "../../../workflow/commands/predict/picture.ts";
import { decodePng } from "../../../formats/png.ts";

async function withPng(
  picture: Parameters<typeof encodePng>[0],
  use: (path: string) => Promise<void>,
): Promise<void> {
  const path = await Deno.makeTempFile({ suffix: ".png" });
  try {
    await Deno.writeFile(path, encodePng(picture));
    await use(path);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("a picture of 32 × 32 pixels is taken as it is", async () => {
  const data = Uint8Array.from({ length: 3 * 32 * 32 }, (_, i) => (i * 7) % 256);
  await withPng({ width: 32, height: 32, channels: 3, data }, async (path) => {
    assertEquals(await readImage(path), data);
  });
});

Deno.test("of a wide picture the middle is taken, and shrunk", async () => {
  const [width, height] = [192, 64];
  const data = new Uint8Array(3 * width * height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const isMiddle = pixel % width >= 64 && pixel % width < 128;
    data.set(isMiddle ? [10, 200, 30] : [255, 0, 255], 3 * pixel);
  }
  await withPng({ width, height, channels: 3, data }, async (path) => {
    const image = await readImage(path);
    assertEquals(image.length, 3 * 32 * 32);
    assertEquals([...new Set(image.filter((_, i) => i % 3 === 0))], [10]);
    assertEquals([...new Set(image.filter((_, i) => i % 3 === 1))], [200]);
  });
});

Deno.test("a picture of predict has its mark, shows the same, and no other picture has it", () => {
  const picture = { width: 2, height: 2, channels: 3, data: new Uint8Array(12).fill(9) } as const;
  const png = encodePng(picture);
  assertEquals(decodePng(marked(png)), picture);
  const start = (bytes: Uint8Array) => bytes.subarray(0, MARKED_BYTES);
  assertEquals([marked(png), png, new Uint8Array()].map((bytes) => isMarked(start(bytes))), [
    true,
    false,
    false,
  ]);
});

Deno.test("what is transparent is white", async () => {
  const data = new Uint8Array(4 * 32 * 32);
  await withPng({ width: 32, height: 32, channels: 4, data }, async (path) => {
    assertEquals([...new Set(await readImage(path))], [255]);
  });
});

Deno.test("a prediction is drawn with or without its neighbours' pixels, and the likeliest class comes first", async () => {
  const prediction = {
    probabilities: [0.1, 0.05, 0.05, 0.6, 0.2, 0, 0, 0, 0, 0],
    maps: Float32Array.from({ length: 9 * 32 * 32 }, (_, i) => i % 32),
    leaves: 9,
    neighbours: Array.from({ length: 8 }, (_, index) => ({ index, label: 3, similarity: 0.9 })),
  };
  assertEquals(ranked(prediction)[0], { text: "cat 60%", bold: true });
  const image = new Uint8Array(3 * 32 * 32).fill(80);
  const nearest = new Uint8Array(8 * 3 * 32 * 32).fill(120);
  const [withPixels, without] = await Promise.all([
    drawPrediction(prediction, { image, nearest, title: "a test" }),
    drawPrediction(prediction, { image, title: "a test" }),
  ]);
  assertEquals(decodePng(withPixels).height > decodePng(without).height, true);
});
