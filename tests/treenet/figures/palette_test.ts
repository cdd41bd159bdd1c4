import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { classColours, classes, overlayColours } from "../../../treenet/figures/palette.ts";

type Triple = readonly [number, number, number];

/** Linear RGB as seen by each kind of eye, severity 1: Machado, Oliveira and Fernandes (2009), table of the paper. */
const sights: Readonly<Record<string, readonly Triple[]>> = {
  "normal vision": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
};
const toXyz: readonly Triple[] = [
  [0.4124564, 0.3575761, 0.1804375],
  [0.2126729, 0.7151522, 0.072175],
  [0.0193339, 0.119192, 0.9503041],
];
const white: Triple = [0.95047, 1, 1.08883];

function times(matrix: readonly Triple[], v: Triple): Triple {
  return matrix.map((row) => row[0] * v[0] + row[1] * v[1] + row[2] * v[2]) as unknown as Triple;
}

function linear(colour: string): Triple {
  return [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as unknown as Triple;
}

/** CIE 1976 L*a*b*. */
function lab(rgb: Triple): Triple {
  const inside = rgb.map((value) => Math.min(1, Math.max(0, value))) as unknown as Triple;
  const [x, y, z] = times(toXyz, inside).map((value, i) => {
    const t = value / white[i];
    return t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116;
  });
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function smallestDistance(colours: readonly string[], sight: readonly Triple[]): number {
  const seen = colours.map((colour) => lab(times(sight, linear(colour))));
  return Math.min(
    ...seen.flatMap((a, i) => seen.slice(0, i).map((b) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]))),
  );
}

for (const [name, sight] of Object.entries(sights)) {
  Deno.test(`no two class colours, and no two overlay colours, look alike with ${name}`, () => {
    assertGreater(smallestDistance(classColours, sight), 27);
    assertGreater(smallestDistance(overlayColours, sight), 58);
  });
}

Deno.test("every class colour shows on white", () => {
  for (const colour of classColours) assertLess(lab(linear(colour))[0], 77);
});

Deno.test("there are ten classes, four of them vehicles", () => {
  assertEquals(classes.length, 10);
  assertEquals(classes.filter(({ marker }) => marker === "triangle").map(({ name }) => name), [
    "airplane",
    "automobile",
    "ship",
    "truck",
  ]);
});
