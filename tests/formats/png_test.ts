import { assertEquals, assertThrows } from "@std/assert";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { decodePng, encodePng, type Picture, writePng } from "../../formats/png.ts";

const picture: fc.Arbitrary<Picture> = fc
  .record({
    width: fc.integer({ min: 1, max: 9 }),
    height: fc.integer({ min: 1, max: 9 }),
    channels: fc.constantFrom(3 as const, 4 as const),
  })
  .chain((size) => {
    const length = size.width * size.height * size.channels;
    return fc.uint8Array({ minLength: length, maxLength: length }).map((data) => ({ ...size, data }));
  });

Deno.test("png: a picture decoded equals the picture encoded", () => {
  fc.assert(fc.property(picture, (picture) => assertEquals(decodePng(encodePng(picture)), picture)));
});

Deno.test("png: an opaque picture can be asked for with alpha", () => {
  const picture = { width: 1, height: 1, channels: 3, data: new Uint8Array([1, 2, 3]) } as const;
  assertEquals([...decodePng(encodePng(picture), { channels: 4 }).data], [1, 2, 3, 255]);
});

Deno.test("png: the same picture gives these very bytes", () => {
  const data = Uint8Array.from({ length: 48 }, (_, i) => (i * i) % 251);
  const bytes = encodePng({ width: 4, height: 4, channels: 3, data });
  assertEquals(
    bytes.toBase64(),
    "iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAIAAAAmkwkpAAAAPUlEQVR42mNhYGTh5BeVVlTXNbZkmbDiQGBMUoZtaG51G8uuS6+CpYy8kuqnrz/Jcv87v459+I+eaC6BNwCJ/BKJqzFkdgAAAABJRU5ErkJggg==",
  );
});

Deno.test("png: a file read back equals the picture written", async () => {
  const path = await Deno.makeTempFile();
  const picture = { width: 2, height: 1, channels: 3, data: new Uint8Array([1, 2, 3, 4, 5, 6]) } as const;
  await writePng(path, picture);
  assertEquals(decodePng(await Deno.readFile(path)), picture);
  await Deno.remove(path);
});

Deno.test("png: a size that does not hold the pixels is refused", () => {
  const picture = { width: 2, height: 2, channels: 3, data: new Uint8Array(11) } as const;
  assertThrows(() => encodePng(picture), RangeError, "got 11 bytes, expected 12");
});

Deno.test("png: a cut, damaged or foreign file is refused", () => {
  const bytes = encodePng({ width: 4, height: 4, channels: 3, data: new Uint8Array(48) });
  for (const bad of [bytes.subarray(0, 40), bytes.with(20, 9), new Uint8Array(100), new Uint8Array()]) {
    assertThrows(() => decodePng(bad), Error, "no whole PNG file");
  }
});

Deno.test("png: a header that claims more pixels than there are is refused before memory is taken", () => {
  const bytes = encodePng({ width: 4, height: 4, channels: 3, data: new Uint8Array(48) });
  const view = new DataView(bytes.buffer);
  for (const [width, height] of [[60000, 60000], [10000, 10000], [5, 4], [4, 3]]) {
    view.setUint32(16, width);
    view.setUint32(20, height);
    view.setUint32(29, crc32(bytes.subarray(12, 29)));
    assertThrows(() => decodePng(bytes), Error, "no whole PNG file");
  }
});
