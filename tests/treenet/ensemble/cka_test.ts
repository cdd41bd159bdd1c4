import { assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { leafSimilarities, meanOverPairs } from "../../../treenet/ensemble/cka.ts";
import { random } from "../../../treenet/random.ts";
import { golden, goldenOutputs, shape } from "./drawn.ts";

const normals = (count: number, seed: number) => {
  const stream = random(seed);
  return Float32Array.from({ length: count }, () => stream.normal());
};

Deno.test("CKA equals the definition with n × n matrices in numpy to 1e-9", async () => {
  const found = await leafSimilarities({ x: goldenOutputs(), ...shape });
  golden.cka.forEach((value, i) => assertAlmostEquals(found[i], value, 1e-9));
});

Deno.test("CKA of unrelated outputs is about 0, however wide they are", async () => {
  const found = await leafSimilarities({ x: normals(60 * 20 * 200, 1), leaves: 20, size: 200 });
  assertLess(Math.abs(meanOverPairs(found, 20)), 0.01);
});

Deno.test("CKA does not see shifts, scales and rotations of a leaf's outputs", async () => {
  const x = normals(50 * 4, 2);
  for (let i = 0; i < 50; i++) [x[4 * i + 2], x[4 * i + 3]] = [7 - 3 * x[4 * i + 1], 3 * x[4 * i] + 1];
  assertAlmostEquals((await leafSimilarities({ x, leaves: 2, size: 2 }))[1], 1, 1e-6);
});

Deno.test("the more two leaves share, the higher their CKA", async () => {
  const similar = async (share: number) => {
    const x = normals(200 * 2 * 8, 3);
    for (let i = 0; i < 200; i++) {
      for (let j = 0; j < 8; j++) x[(2 * i + 1) * 8 + j] += share * x[2 * i * 8 + j];
    }
    return (await leafSimilarities({ x, leaves: 2, size: 8 }))[1];
  };
  const [none, some, more] = [await similar(0), await similar(0.5), await similar(2)];
  assertGreater(some, none + 0.05);
  assertGreater(more, some + 0.2);
});

Deno.test("a leaf whose outputs do not vary is like none, and its pairs are left out of the mean", async () => {
  const x = normals(40 * 3 * 2, 4);
  for (let i = 0; i < 40; i++) x.fill(1, (3 * i + 2) * 2, (3 * i + 3) * 2);
  const found = await leafSimilarities({ x, leaves: 3, size: 2 });
  assertEquals([found[2], found[5], found[8]], [NaN, NaN, NaN]);
  assertEquals(meanOverPairs(found, 3), found[3]);
});
