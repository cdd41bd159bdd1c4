import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  decodeSafetensors,
  encodeSafetensors,
  readSafetensors,
  type SafeTensor,
  writeSafetensors,
} from "../../formats/safetensors.ts";

const tensor: fc.Arbitrary<SafeTensor> = fc
  .oneof(fc.uint8Array(), fc.int32Array(), fc.float32Array())
  .map((data) => ({ shape: [1, data.length], data }));
const name = fc.string({ minLength: 1 }).filter((s) => s !== "__metadata__");
const dictionary = <T>(of: fc.Arbitrary<T>) => fc.dictionary(name, of, { noNullPrototype: true });
const types = ["F32", "I32", "U8"] as const;

Deno.test("safetensors: tensors read back equal the tensors written", () => {
  fc.assert(fc.property(dictionary(tensor), dictionary(fc.string()), (tensors, metadata) => {
    const bytes = encodeSafetensors({ tensors, metadata });
    assertEquals(decodeSafetensors(bytes, { path: "x", types }), { tensors, metadata });
  }));
});

Deno.test("safetensors: the order in which tensors come does not change the bytes", () => {
  fc.assert(fc.property(dictionary(tensor), (tensors) => {
    const backwards = Object.fromEntries(Object.entries(tensors).reverse());
    assertEquals(
      encodeSafetensors({ tensors: backwards, metadata: {} }),
      encodeSafetensors({ tensors, metadata: {} }),
    );
  }));
});

Deno.test("safetensors: every tensor starts at a multiple of its element size", () => {
  fc.assert(fc.property(dictionary(tensor), (tensors) => {
    const bytes = encodeSafetensors({ tensors, metadata: {} });
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    assertEquals(length % 8, 0);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    for (const [key, { data_offsets: [from] }] of Object.entries<{ data_offsets: number[] }>(header)) {
      assertEquals(from % tensors[key].data.BYTES_PER_ELEMENT, 0);
    }
  }));
});

Deno.test("safetensors: bytes are those the format asks for", () => {
  const bytes = encodeSafetensors({
    tensors: {
      b: { shape: [1], data: new Uint8Array([7]) },
      a: { shape: [], data: new Float32Array([1]) },
    },
    metadata: { model: "cnn" },
  });
  const header = '{"__metadata__":{"model":"cnn"},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},' +
    '"b":{"dtype":"U8","shape":[1],"data_offsets":[4,5]}}';
  const length = Math.ceil(header.length / 8) * 8;
  assertEquals([...bytes.subarray(0, 8)], [length, 0, 0, 0, 0, 0, 0, 0]);
  assertEquals(new TextDecoder().decode(bytes.subarray(8, 8 + length)), header.padEnd(length));
  assertEquals([...bytes.subarray(8 + length)], [0, 0, 0x80, 0x3f, 7]);
});

Deno.test("safetensors: a type that was not asked for is refused", async () => {
  const path = await Deno.makeTempFile();
  await writeSafetensors(path, { step: { shape: [1], data: new Int32Array([3]) } });
  await assertRejects(() => readSafetensors(path), Error, 'tensor "step" is I32, expected F32');
  const { tensors } = await readSafetensors(path, { types: ["I32"] });
  assertEquals(tensors.step.data, new Int32Array([3]));
  await Deno.remove(path);
});

Deno.test("safetensors: a shape that does not hold the numbers is refused", () => {
  const tensors = { w: { shape: [2, 2], data: new Float32Array(3) } };
  assertThrows(
    () => encodeSafetensors({ tensors, metadata: {} }),
    RangeError,
    "got 3 numbers, its shape [2, 2] holds 4",
  );
});

const good = encodeSafetensors({
  tensors: { w: { shape: [2], data: new Float32Array([1, 2]) } },
  metadata: {},
});
const malformed: readonly (readonly [string, Uint8Array, string])[] = [
  ["empty", new Uint8Array(), "it has only 0 bytes"],
  ["cut in its header", good.subarray(0, 20), "its header would have"],
  ["cut in its numbers", good.subarray(0, good.length - 1), 'ends within tensor "w"'],
  ["longer than its tensors", new Uint8Array([...good, 0]), `expected ${good.length}`],
  ["no safetensors", new TextEncoder().encode("\x02\0\0\0\0\0\0\0[]"), "no JSON object"],
  ["inconsistent in shape", replaced(good, '"shape":[2]', '"shape":[3]'), "its shape wants [0,12]"],
  ["of an unknown type", replaced(good, '"F32"', '"F99"'), "F99, expected F32"],
];

for (const [what, bytes, message] of malformed) {
  Deno.test(`safetensors: a file that is ${what} is refused`, () => {
    assertThrows(() => decodeSafetensors(bytes, { path: "x" }), Error, message);
  });
}

function replaced(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("").replace(from, to);
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
