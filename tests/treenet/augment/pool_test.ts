import { assertEquals, assertRejects } from "@std/assert";
import { AugmentPool, augmentRecipe, makeViews } from "../../../treenet/augment/mod.ts";
import { tinyCifar } from "../../fixtures/tiny_cifar.ts";

const recipe = augmentRecipe.parse({ locals: { count: 3 } });
const { images } = tinyCifar(20, 1);
const indices = Int32Array.from([3, 19, 0, 7, 7, 11, 2]);

Deno.test("pool: views are those of makeViews, whatever the number of workers", async () => {
  const expected = Array.from(indices, (index) => {
    return makeViews(recipe, images.subarray(index * 3072, (index + 1) * 3072), {
      seed: 5,
      image: index,
      round: 2,
    });
  });
  for (const workers of [1, 2, 3, 8]) {
    using pool = await AugmentPool.create(recipe, images, { seed: 5, workers });
    const { globals, locals } = await pool.views(2, indices);
    assertEquals([...globals], expected.flatMap((views) => [...views.globals]));
    assertEquals([...locals], expected.flatMap((views) => [...views.locals]));
  }
});

Deno.test("pool: overlapping calls do not mix, and a batch of none is empty", async () => {
  using pool = await AugmentPool.create(recipe, images, { seed: 0, workers: 2 });
  const rounds = [0, 1, 2, 3];
  const together = await Promise.all(rounds.map((round) => pool.views(round, indices)));
  for (const round of rounds) assertEquals(await pool.views(round, indices), together[round]);
  assertEquals((await pool.views(0, new Int32Array())).globals.length, 0);
});

Deno.test("pool: images are named by their ids in the random streams", async () => {
  const ids = indices.map((index) => index + 1000);
  using pool = await AugmentPool.create(recipe, images, { seed: 0, workers: 2 });
  const { globals } = await pool.views(0, indices, ids);
  const first = makeViews(recipe, images.subarray(3 * 3072, 4 * 3072), { seed: 0, image: 1003, round: 0 });
  assertEquals(globals.subarray(0, first.globals.length), first.globals);
});

Deno.test("pool: images the pool does not hold are refused", async () => {
  using pool = await AugmentPool.create(recipe, images, { seed: 0, workers: 1 });
  await assertRejects(() => pool.views(0, new Int32Array([20])), RangeError, "image 20: the pool holds 20");
  await assertRejects(
    () => pool.views(0, new Int32Array([1]), new Int32Array(2)),
    RangeError,
    "2 names for 1",
  );
});

Deno.test("pool: closing fails the calls under way and later ones", async () => {
  const pool = await AugmentPool.create(recipe, images, { seed: 0, workers: 2 });
  const call = pool.views(0, indices);
  pool.close();
  await assertRejects(() => call, Error, "the pool was closed");
  await assertRejects(() => pool.views(0, indices), Error, "the pool was closed");
});
