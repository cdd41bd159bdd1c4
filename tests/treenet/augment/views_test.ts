import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { augmentRecipe, makeViews, viewBytes } from "../../../treenet/augment/mod.ts";
import { grayscale, solarise } from "../../../treenet/augment/colour.ts";
import { drawBox, flip } from "../../../treenet/augment/crop.ts";
import { gaussianBlur } from "../../../treenet/augment/blur.ts";
import { jitter } from "../../../treenet/augment/jitter.ts";
import { resizeBox } from "../../../treenet/augment/resize.ts";
import { SIDE } from "../../../treenet/augment/recipe.ts";
import { random } from "../../../treenet/random.ts";

const BYTES = SIDE * SIDE * 3;
const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });

function noise(seed: number, size = SIDE): Uint8Array {
  const stream = random(seed);
  return Uint8Array.from({ length: size * size * 3 }, () => stream.integer(256));
}

Deno.test("augment: the defaults are those of the recipe", () => {
  assertEquals(augmentRecipe.parse({}), {
    globals: { count: 2, size: 32, scale: [0.4, 1] },
    locals: { count: 8, size: 13, scale: [0.05, 0.4] },
    aspect: [3 / 4, 4 / 3],
    flip: 0.5,
    jitter: { probability: 0.8, brightness: 0.4, contrast: 0.4, saturation: 0.2, hue: 0.1 },
    grayscale: 0.2,
    blur: { radius: [0.1, 2], globals: [1, 0.1], locals: 0.5 },
    solarise: { threshold: 128, globals: [0, 0.2], locals: 0 },
  });
});

Deno.test("augment: values out of range and unknown fields are refused", () => {
  for (
    const bad of [
      { flip: 1.5 },
      { globals: { count: 0 } },
      { locals: { scale: [0.5, 0.2] } },
      { jitter: { hue: 0.6 } },
      { colour: 1 },
    ]
  ) assertThrows(() => augmentRecipe.parse(bad));
});

Deno.test("augment: each part of the key changes every view, and the same key gives the same views", () => {
  const recipe = augmentRecipe.parse({});
  const image = noise(1);
  const key = { seed: 1, image: 2, round: 3 };
  const views = makeViews(recipe, image, key);
  assertEquals(makeViews(recipe, image, key), views);
  for (const part of ["seed", "image", "round"] as const) {
    const others = makeViews(recipe, image, { ...key, [part]: 9 });
    for (const kind of ["globals", "locals"] as const) {
      const { count, size } = recipe[kind];
      for (let i = 0; i < count; i++) {
        const range = [i * size * size * 3, (i + 1) * size * size * 3];
        assertNotEquals(others[kind].subarray(...range), views[kind].subarray(...range));
      }
    }
  }
});

Deno.test("augment: a view does not depend on how many others there are", () => {
  const image = noise(1);
  const key = { seed: 0, image: 0, round: 0 };
  const one = makeViews(augmentRecipe.parse({ locals: { count: 1 } }), image, key).locals;
  const eight = makeViews(augmentRecipe.parse({}), image, key).locals;
  assertEquals(eight.subarray(0, one.length), one);
});

Deno.test("augment: with everything off, the view is the image", () => {
  const recipe = augmentRecipe.parse({
    globals: { count: 1, scale: [1, 1] },
    locals: { count: 0 },
    aspect: [1, 1],
    flip: 0,
    jitter: { probability: 1, brightness: 0, contrast: 0, saturation: 0, hue: 0 },
    grayscale: 0,
    blur: { globals: [0] },
    solarise: { globals: [0] },
  });
  const image = noise(3);
  assertEquals(makeViews(recipe, image, { seed: 0, image: 0, round: 0 }).globals, image);
});

Deno.test("augment: an image of another size is refused", () => {
  const recipe = augmentRecipe.parse({});
  assertThrows(
    () => makeViews(recipe, new Uint8Array(10), { seed: 0, image: 0, round: 0 }),
    RangeError,
    "10 bytes",
  );
  assertEquals(viewBytes(recipe), { globals: 2 * BYTES, locals: 8 * 13 * 13 * 3 });
});

Deno.test("augment: a box lies inside the image and its area and aspect in their ranges, to a pixel", () => {
  fc.assert(fc.property(seeds, (seed) => {
    const { top, left, height, width } = drawBox(random(seed), {
      side: SIDE,
      scale: [0.2, 0.6],
      aspect: [0.5, 2],
    });
    assert(top >= 0 && left >= 0 && top + height <= SIDE && left + width <= SIDE);
    assert((width + 0.5) * (height + 0.5) >= 0.2 * SIDE * SIDE);
    assert((width - 0.5) * (height - 0.5) <= 0.6 * SIDE * SIDE);
    assert((width + 0.5) / (height - 0.5) >= 0.5 && (width - 0.5) / (height + 0.5) <= 2);
  }));
});

Deno.test("augment: where no box fits, it is the largest central one of an allowed aspect", () => {
  const box = (aspect: readonly [number, number]) =>
    drawBox(random(0), { side: SIDE, scale: [1, 1], aspect });
  assertEquals(box([2, 3]), { top: 8, left: 0, height: 16, width: 32 });
  assertEquals(box([1 / 3, 1 / 2]), { top: 0, left: 8, height: 32, width: 16 });
});

Deno.test("augment: a flip mirrors every row, and twice is none", () => {
  fc.assert(fc.property(seeds, fc.integer({ min: 1, max: 9 }), (seed, size) => {
    const image = noise(seed, size);
    const flipped = image.slice();
    flip(flipped, size);
    for (let row = 0; row < size; row++) {
      const [from, to] = [(row * size) * 3, (row * size + size - 1) * 3];
      assertEquals(flipped.subarray(from, from + 3), image.subarray(to, to + 3));
    }
    flip(flipped, size);
    assertEquals(flipped, image);
  }));
});

Deno.test("augment: resizing and blurring leave an even image as it is", () => {
  fc.assert(fc.property(seeds, fc.nat(255), (seed, value) => {
    const image = new Uint8Array(BYTES).fill(value);
    const box = drawBox(random(seed), { side: SIDE, scale: [0.01, 1], aspect: [0.5, 2] });
    const out = new Uint8Array(13 * 13 * 3);
    resizeBox(image, { side: SIDE, box, size: 13, out, scratch: new Uint8Array(SIDE * 13 * 3) });
    gaussianBlur(out, { size: 13, radius: 0.1 + random(seed).uniform() * 8, scratch: new Uint8Array(13) });
    assertEquals(new Set(out), new Set([value]));
  }));
});

Deno.test("augment: grey pixels stay grey under jitter", () => {
  fc.assert(fc.property(seeds, (seed) => {
    const image = noise(seed);
    grayscale(image);
    jitter(image, random(seed), {
      probability: 1,
      brightness: 0.4,
      contrast: 0.4,
      saturation: 0.2,
      hue: 0.1,
    });
    for (let i = 0; i < BYTES; i += 3) assert(image[i] === image[i + 1] && image[i] === image[i + 2]);
  }));
});

Deno.test("augment: solarising inverts from the threshold on", () => {
  const pixels = new Uint8Array([0, 127, 128, 255]);
  solarise(pixels, 128);
  assertEquals([...pixels], [0, 127, 127, 0]);
});

Deno.test("augment: shares of flips, grey and solarised views are those of the recipe, to 4 standard errors", () => {
  const n = 2000;
  const image = noise(5).map((v) => v >> 2); // below the threshold, so that only solarising can pass it
  const recipe = augmentRecipe.parse({
    globals: { count: 2, scale: [1, 1] },
    locals: { count: 0 },
    aspect: [1, 1],
    jitter: { probability: 0 },
    blur: { globals: [0] },
    solarise: { threshold: 0 },
  });
  const original = image.slice(0, 3);
  let [flips, greys, inverted] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const { globals } = makeViews(recipe, image, { seed: 0, image: i, round: 0 });
    const [r, g, b] = globals;
    const grey = r === g && g === b;
    greys += Number(grey);
    flips += Number(!grey && r !== original[0]);
    inverted += Number(Math.max(...globals.subarray(BYTES, BYTES + 30)) > 127);
  }
  const near = (count: number, p: number) => Math.abs(count / n - p) < 4 * Math.sqrt(p * (1 - p) / n);
  assert(near(greys, 0.2) && near(flips, 0.5 * 0.8) && near(inverted, 0.2), `${[greys, flips, inverted]}`);
});
