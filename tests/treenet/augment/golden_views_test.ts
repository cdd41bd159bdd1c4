/** Holds views against those made by Pillow; golden.py says how. */
import { assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { type AugmentRecipe, augmentRecipe, makeViews } from "../../../treenet/augment/mod.ts";
import { SIDE } from "../../../treenet/augment/recipe.ts";
import golden from "./golden.json" with { type: "json" };

const recipes: Record<keyof typeof golden, AugmentRecipe> = {
  default: augmentRecipe.parse({}),
  everything: augmentRecipe.parse({
    globals: { scale: [0.5, 1] },
    locals: { scale: [0.01, 1] },
    aspect: [1.5, 2.5],
    flip: 1,
    jitter: { probability: 1, brightness: 0.9, contrast: 0.9, saturation: 0.9, hue: 0.5 },
    grayscale: 0.3,
    blur: { globals: [1], locals: 1 },
    solarise: { globals: [0.5], locals: 0.5 },
  }),
};

for (const [name, recipe] of Object.entries(recipes)) {
  Deno.test(`augment: views equal Pillow's, bit for bit (recipe ${name})`, () => {
    golden[name as keyof typeof golden].forEach((expected, n) => {
      const { globals, locals } = makeViews(recipe, drawImage(n), { seed: 7, image: n, round: 3 });
      assertEquals(createHash("md5").update(globals).update(locals).digest("hex"), expected);
    });
  });
}

/** The image of golden.py: smooth bands, or noise where n is odd. */
function drawImage(n: number): Uint8Array {
  let state = n;
  return Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => {
    const [y, x, c] = [Math.floor(i / 3 / SIDE), Math.floor(i / 3) % SIDE, i % 3];
    if (n % 2 === 0) return (7 * x + 3 * y + 85 * c + (x * y) % 17 * 2 + 31 * n) & 255;
    state = (Math.imul(1103515245, state) + 12345) & 0x7fffffff;
    return state >> 16 & 255;
  });
}
