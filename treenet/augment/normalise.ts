/**
 * Normalised pixels, the input of the networks.
 *
 * @module
 */

/** Mean of ImageNet's training images, sRGB in [0, 1], by channel. */
export const MEAN = [0.485, 0.456, 0.406] as const;
/** Standard deviation of ImageNet's training images, by channel. */
export const STD = [0.229, 0.224, 0.225] as const;

const { fround } = Math;

/** [3, 256]: channel and pixel value → normalised value, rounded after each operation as torchvision does. */
const TABLE = Float32Array.from({ length: 3 * 256 }, (_, i) => {
  const channel = i >> 8;
  return fround(fround((i & 0xff) / 255) - fround(MEAN[channel])) / fround(STD[channel]);
});

/** RGB pixels [..., 3], 0–255 → float32, (pixel ÷ 255 − mean) ÷ std. */
export function normalise(pixels: Uint8Array, out = new Float32Array(pixels.length)): Float32Array {
  for (let i = 0; i < pixels.length; i += 3) {
    out[i] = TABLE[pixels[i]];
    out[i + 1] = TABLE[256 + pixels[i + 1]];
    out[i + 2] = TABLE[512 + pixels[i + 2]];
  }
  return out;
}
