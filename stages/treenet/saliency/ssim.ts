/**
 * Structural similarity of two maps (Wang, Bovik, Sheikh and Simoncelli 2004).
 *
 * @module
 */

/** Pixels on a side of the window, weighted alike, as scikit-image's default. */
const WINDOW = 7;
const [C1, C2] = [0.01 ** 2, 0.03 ** 2]; // for values in [0, 1]

/**
 * Mean over all windows that lie inside, of square maps [side · side] that are first divided by their largest value;
 * variances and covariance are the sample's. 1 for equal maps.
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
  let sum = 0;
  const places = side - WINDOW + 1;
  for (let row = 0; row < places; row++) {
    for (let column = 0; column < places; column++) {
      sum += similarity(windowOf(x, { row, column, side }), windowOf(y, { row, column, side }));
    }
  }
  return sum / places ** 2;
}

function scaled(map: Float32Array): Float64Array {
  const largest = map.reduce((most, value) => Math.max(most, value), 0) || 1;
  return Float64Array.from(map, (value) => value / largest);
}

function windowOf(
  map: Float64Array,
  { row, column, side }: { readonly row: number; readonly column: number; readonly side: number },
): Float64Array {
  const out = new Float64Array(WINDOW * WINDOW);
  for (let y = 0; y < WINDOW; y++) {
    const from = (row + y) * side + column;
    out.set(map.subarray(from, from + WINDOW), y * WINDOW);
  }
  return out;
}

function similarity(x: Float64Array, y: Float64Array): number {
  const n = x.length;
  let [mx, my] = [0, 0];
  for (let i = 0; i < n; i++) {
    mx += x[i] / n;
    my += y[i] / n;
  }
  let [xx, yy, xy] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    xx += (x[i] - mx) ** 2 / (n - 1);
    yy += (y[i] - my) ** 2 / (n - 1);
    xy += (x[i] - mx) * (y[i] - my) / (n - 1);
  }
  return (2 * mx * my + C1) * (2 * xy + C2) / ((mx ** 2 + my ** 2 + C1) * (xx + yy + C2));
}
