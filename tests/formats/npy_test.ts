import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { createNpy, type Npy, readNpy, writeNpy } from "../../formats/npy.ts";

const path = await Deno.makeTempFile({ suffix: ".npy" });
globalThis.addEventListener("unload", () => Deno.removeSync(path));

const bytes = fc.uint8Array({ minLength: 0, maxLength: 64 });
const arrays: fc.Arbitrary<Npy["data"]> = fc.oneof(
  bytes,
  fc.int32Array(),
  fc.float32Array(),
  fc.float64Array(),
);

Deno.test("npy: an array read back equals the array written", async () => {
  await fc.assert(
    fc.asyncProperty(arrays, fc.constantFrom(1, 2, 3), async (data, rank) => {
      const shape = [data.length, 1, 1].slice(0, rank);
      await writeNpy(path, { shape, data });
      assertEquals(await readNpy(path), { shape, data });
    }),
    { numRuns: 40 },
  );
});

Deno.test("npy: bytes are those NumPy writes", async () => {
  await writeNpy(path, { shape: [3], data: new Int32Array([1, 2, 3]) });
  const bytes = await Deno.readFile(path);
  const header = "NUMPY\x01\x00v\x00{'descr': '<i4', 'fortran_order': False, 'shape': (3,), }";
  assertEquals(bytes[0], 0x93);
  assertEquals(new TextDecoder().decode(bytes.subarray(1, 128)), header.padEnd(126) + "\n");
  assertEquals([...bytes.subarray(128)], [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0]);
});

Deno.test("npy: an array written in parts equals one written at once", async () => {
  {
    using writer = await createNpy(path, { type: "uint8", shape: [4] });
    await writer.append(new Uint8Array([1, 2, 3]));
    await writer.append(new Uint8Array([4]));
    writer.finish();
  }
  assertEquals(await readNpy(path, "uint8"), { shape: [4], data: new Uint8Array([1, 2, 3, 4]) });
});

Deno.test("npy: a shape that does not hold the numbers is refused", async () => {
  await assertRejects(
    () => writeNpy(path, { shape: [2, 2], data: new Float32Array(3) }),
    RangeError,
    "got 3 numbers, its shape [2, 2] holds 4",
  );
});

const malformed: readonly (readonly [string, (bytes: Uint8Array) => Uint8Array, string])[] = [
  ["empty", () => new Uint8Array(), "does not start as a NumPy file"],
  ["wrong magic", (b) => b.with(1, 0), "does not start as a NumPy file"],
  ["another version", (b) => b.with(6, 2), "its format version is 2.0, expected 1.0"],
  ["cut in its header", (b) => b.subarray(0, 50), "ends within its header"],
  ["cut in its numbers", (b) => b.subarray(0, 130), "it has 130 bytes, expected 136 for float32 [2]"],
  ["longer than its shape", (b) => new Uint8Array([...b, 0]), "it has 137 bytes, expected 136"],
  ["Fortran order", (b) => replaced(b, "False", "True "), "it is not in C order"],
  ["big-endian", (b) => replaced(b, "<f4", ">f4"), "its type is >f4, expected one of"],
  ["with a number for its shape", (b) => replaced(b, "(2,)", "(2) "), "its shape is (2), expected a tuple"],
  ["without shape", (b) => replaced(b, "(2,)", "abcd"), "expected descr, fortran_order and shape"],
];

for (const [name, damage, message] of malformed) {
  Deno.test(`npy: a file that is ${name} is refused`, async () => {
    await writeNpy(path, { shape: [2], data: new Float32Array([1, 2]) });
    await Deno.writeFile(path, new Uint8Array(damage(await Deno.readFile(path))));
    await assertRejects(() => readNpy(path), Error, message);
  });
}

Deno.test("npy: another type than the one asked for is refused", async () => {
  await writeNpy(path, { shape: [2], data: new Float32Array([1, 2]) });
  await assertRejects(() => readNpy(path, "uint8"), Error, "its type is float32, expected uint8");
});

Deno.test("npy: a header of nothing but spaces is refused", async () => {
  await writeNpy(path, { shape: [2], data: new Float32Array([1, 2]) });
  const text = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, ";
  const header = new TextEncoder().encode(text.padEnd(65_535));
  await Deno.writeFile(
    path,
    new Uint8Array([...(await Deno.readFile(path)).subarray(0, 8), 255, 255, ...header]),
  );
  await assertRejects(() => readNpy(path), Error, "expected descr, fortran_order and shape");
});

function replaced(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("").replace(from, to);
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
