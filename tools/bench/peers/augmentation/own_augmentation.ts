/**
 * Views of noise by our augmentation for some seconds; prints how many images a second, all their views counted as one.
 *
 * `deno run -A tools/bench/peers/augmentation/own_augmentation.ts --cores 1`
 *
 * @module
 */
import { parseArgs } from "@std/cli";
import { AugmentPool, augmentRecipe, makeViews } from "../../../../treenet/augment/mod.ts";
import { SIDE } from "../../../../treenet/augment/recipe.ts";
import { random } from "../../../../treenet/random.ts";

const IMAGES = 256;
const SECONDS = { warm: 1, timed: 2 };
const PIXELS = SIDE * SIDE * 3;

const cores = Number(parseArgs(Deno.args, { string: ["cores"], default: { cores: "1" } }).cores);
const recipe = augmentRecipe.parse({});
const stream = random(0);
const images = Uint8Array.from({ length: IMAGES * PIXELS }, () => 256 * stream.uniform());

await using maker = await makerOn(cores);
await imagesIn(SECONDS.warm);
const start = performance.now();
const made = await imagesIn(SECONDS.timed);
console.log(JSON.stringify({ imagesPerSecond: 1000 * made / (performance.now() - start) }));

/** Makes whole rounds of views until the time is over; returns how many images that were. */
async function imagesIn(seconds: number): Promise<number> {
  const end = performance.now() + 1000 * seconds;
  let round = 0;
  for (; performance.now() < end; round++) await maker.make(round);
  return round * IMAGES;
}

/** A maker of views on this thread, or with as many workers as a training uses that makes views meanwhile. */
async function makerOn(
  cores: number,
): Promise<AsyncDisposable & { readonly make: (round: number) => Promise<unknown> }> {
  if (cores === 1) {
    const make = (round: number) => {
      for (let image = 0; image < IMAGES; image++) {
        makeViews(recipe, images.subarray(image * PIXELS, (image + 1) * PIXELS), { seed: 0, image, round });
      }
      return Promise.resolve();
    };
    return { make, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const pool = await AugmentPool.create(recipe, images, { seed: 0, workers: cores });
  const all = Int32Array.from({ length: IMAGES }, (_, i) => i);
  return {
    make: (round) => pool.views(round, all),
    [Symbol.asyncDispose]: () => Promise.resolve(pool.close()),
  };
}
