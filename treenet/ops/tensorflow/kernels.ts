/**
 * Our own operations and loops, which are compiled into the addon.
 *
 * @module
 */

/** The C++ files that are compiled. Results depend on them, so a module that runs import names them. */
export const KERNELS = [
  new URL("./kernels.cc", import.meta.url),
  new URL("./batch_norm.cc", import.meta.url),
  new URL("./loops.cc", import.meta.url),
];

/** Headers that the C++ files include. */
export const HEADERS = [new URL("./operation.h", import.meta.url), new URL("./team.h", import.meta.url)];

/** TensorFlow's names of the operations, with their numbers of outputs. */
export const OWN = {
  TreenetShift: 4,
  TreenetSpread: 5,
  TreenetCut: 5,
  TreenetNormalise: 4,
  TreenetNormaliseRelu: 4,
  TreenetNormaliseBack: 3,
  TreenetNormaliseReluBack: 3,
} as const;
