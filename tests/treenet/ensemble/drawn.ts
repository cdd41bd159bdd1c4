/** Numbers that golden.py draws too: Lehmer's generator, uniform in ±½. */
export function draws(seed: number, count: number): Float64Array {
  let state = seed;
  return Float64Array.from({ length: count }, () => {
    state = state * 16807 % 2147483647;
    return state / 2147483647 - 0.5;
  });
}

/** Values computed by golden.py. */
export const golden: Readonly<Record<"cka" | "probabilities" | "spearman" | "iou", readonly number[]>> = JSON
  .parse(
    await Deno.readTextFile(new URL("golden.json", import.meta.url)),
  );

/** n, m and features of a leaf, and C, in golden.py. */
export const shape = { images: 40, leaves: 3, size: 4, classes: 3 };

/** Outputs [n, m, features]: leaf 1 has half of leaf 0 in it, leaf 2 has nothing of either. */
export function goldenOutputs(): Float32Array {
  const { images, leaves, size } = shape;
  const x = Float32Array.from(draws(1, images * leaves * size));
  for (let i = 0; i < images; i++) {
    for (let j = 0; j < size; j++) {
      x[(i * leaves + 1) * size + j] += 0.5 * x[i * leaves * size + j];
    }
  }
  return x;
}
