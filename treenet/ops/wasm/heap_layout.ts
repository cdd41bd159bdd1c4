/**
 * Copies between tensors and the kernel's layout, in which the channels are padded to a multiple of 4 floats.
 *
 * @module
 */
import type { Arena, Heap } from "./heap.ts";

/** Number of channels rounded up to whole vectors of 4. */
export function padded(channels: number): number {
  return 4 * Math.ceil(channels / 4);
}

/** from [rows, channels] → to [rows, padded(channels)]; padding becomes 0. */
export function widen(from: Float32Array, to: Float32Array, channels: number): void {
  const width = padded(channels);
  if (width === channels) return to.set(from);
  for (let i = 0, o = 0; i < from.length; o += width) {
    for (let c = 0; c < width; c++) to[o + c] = c < channels ? from[i++] : 0;
  }
}

/** Copies values [.., channels] into memory as [.., padded(channels)]; returns the address. */
export function load(
  values: Float32Array,
  channels: number,
  { arena, heap }: { readonly arena: Arena; readonly heap: Heap },
): number {
  const size = values.length / channels * padded(channels), address = arena.floats(size);
  widen(values, heap.floats(address, size), channels);
  return address;
}

/** from [rows, padded(channels)] → to [rows, channels]. */
export function narrow(from: Float32Array, to: Float32Array, channels: number): void {
  const width = padded(channels);
  if (width === channels) return to.set(from);
  for (let i = 0, o = 0; o < to.length; i += width) {
    for (let c = 0; c < channels; c++) to[o++] = from[i + c];
  }
}
