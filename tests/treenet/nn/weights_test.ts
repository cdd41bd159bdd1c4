import { assertEquals, assertThrows } from "@std/assert";
import { fromPublic, publicShape, toPublic } from "../../../treenet/nn/weights.ts";
import type { ParameterSpec } from "../../../treenet/nn/types.ts";

function spec(layout: ParameterSpec["layout"], shape: readonly number[]): ParameterSpec {
  return { name: "w", layout, shape, init: { type: "constant", value: 0 }, decay: true };
}

/** Values that say where they are: element [1, 2] of a matrix is 12. */
function addresses(shape: readonly number[]): Float32Array {
  const digits = shape.reduce<number[][]>(
    (all, extent) => all.flatMap((head) => Array.from({ length: extent }, (_, i) => [...head, i])),
    [[]],
  );
  return Float32Array.from(digits, (index) => Number(index.join("")));
}

function fileOf(layout: ParameterSpec["layout"], shape: readonly number[]) {
  const one = spec(layout, shape);
  return toPublic([one], { w: addresses(shape) }).w;
}

Deno.test("a linear layer's file is [out, in]", () => {
  const { shape, data } = fileOf("linear", [2, 3]);
  assertEquals(shape, [3, 2]);
  assertEquals([...data], [0, 10, 1, 11, 2, 12]);
});

Deno.test("a convolution's file is [out, in, k, k]", () => {
  const { shape, data } = fileOf("conv", [2, 2, 1, 2]);
  assertEquals(shape, [2, 1, 2, 2]);
  assertEquals([...data], [0, 100, 1000, 1100, 1, 101, 1001, 1101]);
});

Deno.test("a grouped convolution's file has the outputs of leaf 0 first, then those of leaf 1", () => {
  const { shape, data } = fileOf("grouped-conv", [2, 1, 1, 3, 2]);
  assertEquals(shape, [4, 3, 1, 1]);
  assertEquals([...data], [0, 10, 20, 1, 11, 21, 10000, 10010, 10020, 10001, 10011, 10021]);
});

Deno.test("a grouped linear layer's file is [m, out, in], a grouped bias's [m·C]", () => {
  assertEquals(fileOf("grouped-linear", [2, 3, 4]).shape, [2, 4, 3]);
  assertEquals([...fileOf("grouped-linear", [1, 2, 2]).data], [0, 10, 1, 11]);
  assertEquals(publicShape(spec("plain", [4, 5])), [20]);
});

Deno.test("a missing, an unknown and a misshapen tensor are errors that name it", () => {
  const one = spec("linear", [2, 3]);
  const right = { shape: [3, 2], data: new Float32Array(6) };
  assertThrows(() => fromPublic([one], {}), Error, "w is missing");
  assertThrows(() => fromPublic([one], { w: right, other: right }), Error, "other");
  assertThrows(() => fromPublic([one], { w: { ...right, shape: [2, 3] } }), Error, "[2, 3]");
});
