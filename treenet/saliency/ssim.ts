/**
 * Structural similarity of two maps (Wang, Bovik, Sheikh and Simoncelli 2004).
 *
 * @module
 */

/** Side of the window in pixels, all weighted alike, as in scikit-image's default. */
const WINDOW = 7;
const [C1, C2] = [0.01 ** 2, 0.03 ** 2]; // for values in [0, 1]

/**
 * Mean similarity over all windows inside two square maps [side · side], each first divided by its largest
 * value; variances and covariance are the sample's. 1 for equal maps.
 *
 * @throws {RangeError} if the maps are smaller than the window
 */
export function ssim(a: Float32Array, b: Float32Array): number {
  const side = Math.sqrt(a.length);
  if (side < WINDOW) {
    throw new RangeError(
      `Cannot compare maps of ${side} × ${side} pixels: expected at least ${WINDOW} on a side`,
    );
  }
  const [x, y] = [a, b].map(scaled);
  const product = (one: Float64Array, other: Float64Array) => one.map((value, i) => value * other[i]);
  const [sx, sy, sxx, syy, sxy] = [x, y, product(x, x), product(y, y), product(x, y)]
    .map((map) => windowSums(map, side));
  let sum = 0;
  for (let i = 0; i < sx.length; i++) sum += similarity([sx[i], sy[i]], [sxx[i], syy[i], sxy[i]]);
  return sum / sx.length;
}

function scaled(map: Float32Array): Float64Array {
  const largest = map.reduce((most, value) => Math.max(most, value), 0) || 1;
  return Float64Array.from(map, (value) => value / largest);
}

/** Sums over every window inside the map, row by row. */
function windowSums(map: Float64Array, side: number): Float64Array {
  const places = side - WINDOW + 1;
  const across = new Float64Array(side * places);
  for (let i = 0; i < across.length; i++) {
    const from = Math.floor(i / places) * side + i % places;
    for (let k = 0; k < WINDOW; k++) across[i] += map[from + k];
  }
  const out = new Float64Array(places * places);
  for (let i = 0; i < out.length; i++) {
    for (let k = 0; k < WINDOW; k++) out[i] += across[i + k * places];
  }
  return out;
}

/** Similarity of one window, from its sums and sums of products. */
function similarity(
  [sx, sy]: readonly [number, number],
  [sxx, syy, sxy]: readonly [number, number, number],
): number {
  const n = WINDOW ** 2;
  const [mx, my] = [sx / n, sy / n];
  const [xx, yy, xy] = [sxx - n * mx * mx, syy - n * my * my, sxy - n * mx * my].map((each) =>
    each / (n - 1)
  );
  return (2 * mx * my + C1) * (2 * xy + C2) / ((mx * mx + my * my + C1) * (xx + yy + C2));
}
