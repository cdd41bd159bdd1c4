/**
 * A user's picture as input of the networks.
 *
 * @module
 */
import { SIDE } from "../../../formats/cifar.ts";
import { resizeBox } from "../../../treenet/augment/resize.ts";
import { readUserPng } from "./user_png.ts";

/**
 * Reads a PNG's largest centred square, resized like the training images: sRGB bytes [32, 32, 3],
 * transparency on white. `note` receives a message for a very small or very long picture.
 */
export async function readImage(
  path: string,
  { note }: { readonly note?: (message: string) => void } = {},
): Promise<Uint8Array> {
  const { width, height, data } = await readUserPng(path);
  const side = Math.min(width, height);
  if (side < SIDE || Math.max(width, height) >= 2 * side) {
    note?.(
      `of ${width} × ${height} pixels the networks see the middle ${side} × ${side}, made ${SIDE} × ${SIDE}`,
    );
  }
  const [left, top] = [Math.floor((width - side) / 2), Math.floor((height - side) / 2)];
  const square = new Uint8Array(3 * side * side);
  for (let pixel = 0; pixel < side * side; pixel++) {
    const from = 4 * ((top + Math.floor(pixel / side)) * width + left + pixel % side);
    const alpha = data[from + 3] / 255;
    for (let channel = 0; channel < 3; channel++) {
      square[3 * pixel + channel] = Math.round(255 + alpha * (data[from + channel] - 255));
    }
  }
  if (side === SIDE) return square;
  const out = new Uint8Array(3 * SIDE * SIDE);
  const box = { left: 0, top: 0, width: side, height: side };
  resizeBox(square, { side, box, size: SIDE, out, scratch: new Uint8Array(3 * side * SIDE) });
  return out;
}
