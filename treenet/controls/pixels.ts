/**
 * The images themselves as features, whole or reduced by averaging squares of pixels.
 *
 * @module
 */

/**
 * Images [n, from, from, 3], bytes → float32 [n, side · side · 3].
 *
 * @param options.side that divides `from`
 */
export function pixelFeatures(
  images: Uint8Array,
  { from, side }: { readonly from: number; readonly side: number },
): Float32Array {
  const block = from / side;
  if (!Number.isInteger(block)) {
    throw new RangeError(
      `Cannot make images of ${from} pixels ${side} wide: ${side} does not divide ${from}`,
    );
  }
  const count = images.length / (from * from * 3);
  const out = new Float32Array(count * side * side * 3);
  for (let at = 0; at < images.length; at++) {
    const channel = at % 3, pixel = Math.floor(at / 3);
    const x = Math.floor(pixel % from / block), line = Math.floor(pixel / from);
    const y = Math.floor(line % from / block), image = Math.floor(line / from);
    out[((image * side + y) * side + x) * 3 + channel] += images[at] / block ** 2;
  }
  return out;
}
