/**
 * Our own operations and loops, which are compiled into the addon.
 *
 * @module
 */

/** The C++ files that are compiled. What computes depends on them, so they are named where what runs can reach them. */
export const KERNELS = [
  new URL("./kernels.cc", import.meta.url),
  new URL("./batch_norm.cc", import.meta.url),
  new URL("./loops.cc", import.meta.url),
];

/** What they include. */
export const HEADERS = [new URL("./operation.h", import.meta.url), new URL("./team.h", import.meta.url)];

/** Their names as TensorFlow knows them, with their numbers of outputs. */
export const OWN = {
  TreenetShift: 4,
  TreenetSpread: 5,
  TreenetCut: 5,
  TreenetNormalise: 4,
  TreenetNormaliseRelu: 4,
  TreenetNormaliseBack: 3,
  TreenetNormaliseReluBack: 3,
} as const;
