/**
 * Our own operations, which are compiled into the addon.
 *
 * @module
 */

/** The C++ source. What computes depends on it, so it is named where what runs can reach it. */
export const KERNELS = new URL("./kernels.cc", import.meta.url);

/** Their names as TensorFlow knows them, with their numbers of outputs. */
export const OWN = { TreenetShift: 4, TreenetSpread: 5, TreenetCut: 5 } as const;
