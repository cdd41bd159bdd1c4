import { assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { discriminant, momentsOf, probabilities } from "../../../treenet/ensemble/discriminant.ts";
import { leafEnsembles, sizesOf, subsetsOf } from "../../../treenet/ensemble/ensembles.ts";
import { random } from "../../../treenet/random.ts";
import { draws, golden, goldenOutputs, shape } from "./drawn.ts";

Deno.test("probabilities of a subset of leaves equal scikit-learn's LDA to 1e-9", async () => {
  const { leaves, size, classes, images } = shape;
  const labels = Uint8Array.from({ length: images }, (_, i) => i % classes);
  const x = goldenOutputs().map((value, at) => value + 0.2 * labels[Math.floor(at / (leaves * size))]);
  const columns = [0, 1, 2, 3, 8, 9, 10, 11];
  const moments = await momentsOf({ x, labels, size: leaves * size }, { classes });
  const fitted = discriminant(moments, { columns, shrinkage: 0.01 });
  const found = probabilities(fitted, Float32Array.from(draws(2, 10 * leaves * size)), leaves * size);
  golden.probabilities.forEach((value, i) => assertAlmostEquals(found[i], value, 1e-9));
});

Deno.test("columns that are the same for all images leave the shares of the classes", async () => {
  const labels = Uint8Array.from({ length: 8 }, (_, i) => i < 6 ? 0 : 1);
  const moments = await momentsOf({ x: new Float32Array(16).fill(3), labels, size: 2 }, { classes: 2 });
  const found = probabilities(
    discriminant(moments, { columns: [0, 1], shrinkage: 0.01 }),
    new Float32Array(2),
    2,
  );
  assertAlmostEquals(found[0], 0.75, 1e-12);
});

/** Four leaves of two features in four classes; leaf l separates class l from the rest, or all of them class 0. */
function outputs(count: number, { seed, same }: { readonly seed: number; readonly same: boolean }) {
  const stream = random(seed);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 4);
  const x = Float32Array.from({ length: count * 8 }, (_, at) => {
    const [image, leaf] = [Math.floor(at / 8), Math.floor(at % 8 / 2)];
    return stream.normal() + (labels[image] === (same ? 0 : leaf) ? 3 : 0);
  });
  return { x, labels, size: 8 };
}

const options = { leaves: 4, classes: 4, shrinkage: 0.01, draws: 3, seed: 0 };

async function ofWorld(same: boolean) {
  const [train, test] = [outputs(400, { seed: 1, same }), outputs(400, { seed: 2, same })];
  return { ...await leafEnsembles({ train, test }, options), labels: test.labels };
}

Deno.test("leaves that know different classes know all of them together, by either ensemble", async () => {
  const { sizes } = await ofWorld(false);
  assertEquals(sizes.map(({ leaves }) => leaves), [1, 2, 4]);
  const [one, two, four] = sizes.map(({ averaged }) => averaged.reduce((a, b) => a + b) / averaged.length);
  assertGreater(two, one + 0.1);
  assertGreater(four, two + 0.1);
  assertGreater(sizes[2].concatenated[0], 0.9);
});

Deno.test("leaves that all know one class know no more together than that one", async () => {
  const { sizes } = await ofWorld(true);
  assertLess(sizes[2].averaged[0], 0.56);
  assertLess(sizes[2].concatenated[0], 0.56);
});

Deno.test("predictions are behind the accuracies of the sizes 1 and m", async () => {
  const { sizes, single, concatenated, averaged, labels } = await ofWorld(false);
  const share = (classes: Uint8Array) => classes.filter((label, i) => label === labels[i]).length / 400;
  assertEquals(sizes[0].concatenated, single.map(share));
  assertEquals(sizes[0].averaged, single.map(share));
  assertEquals([sizes[2].concatenated, sizes[2].averaged], [[share(concatenated)], [share(averaged)]]);
});

Deno.test("subsets are of their size, drawn by the seed alone, and nested from size to size", () => {
  assertEquals([1, 2, 3, 8, 12].map(sizesOf), [[1], [1, 2], [1, 2, 3], [1, 2, 4, 8], [1, 2, 4, 8, 12]]);
  const subsets = subsetsOf(4, { leaves: 8, draws: 5, seed: 1 });
  assertEquals(subsets, subsetsOf(4, { leaves: 8, draws: 5, seed: 1 }));
  assertEquals(subsets.map((subset) => new Set(subset).size), [4, 4, 4, 4, 4]);
  const pairs = subsetsOf(2, { leaves: 8, draws: 5, seed: 1 });
  pairs.forEach((pair, i) => assertEquals(pair.every((leaf) => subsets[i].includes(leaf)), true));
});
