/**
 * Weights between memory and files. Files hold what PyTorch and JAX expect of a tensor by its layout:
 *
 * | layout | in memory | in files |
 * |---|---|---|
 * | conv | [k, k, in, out] | [out, in, k, k] |
 * | grouped-conv | [m, k, k, in, out] | [m·out, in, k, k], for a convolution with m groups |
 * | linear | [in, out] | [out, in] |
 * | grouped-linear | [m, in, out] | [m, out, in] |
 * | plain | [m, C] or [C] | [m·C] or [C] |
 *
 * The first grouped convolution reads the same three channels in every leaf: its file tensor [m·out, 3, k, k] is that
 * of an ordinary convolution.
 *
 * @module
 */
import { sizeOf, type Weights } from "./parameters.ts";
import type { ParameterSpec } from "./types.ts";

/** A tensor as a file holds it, row-major. */
export interface PublicTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Order of a layout's axes: `axes[i]` is the memory axis that becomes axis i of the file. */
interface Arrangement {
  readonly axes: readonly number[];
  /** The first axis of the file joins the leaf axis to the one after it. */
  readonly flat: boolean;
}

const ARRANGEMENTS: Readonly<Record<ParameterSpec["layout"], Arrangement | undefined>> = {
  "conv": { axes: [3, 2, 0, 1], flat: false },
  "grouped-conv": { axes: [0, 4, 3, 1, 2], flat: true },
  "linear": { axes: [1, 0], flat: false },
  "grouped-linear": { axes: [0, 2, 1], flat: false },
  "plain": undefined,
};

/** Shape of a parameter in files. */
export function publicShape(spec: ParameterSpec): readonly number[] {
  const arrangement = ARRANGEMENTS[spec.layout];
  if (arrangement === undefined) return [sizeOf(spec)];
  const [first, second, ...rest] = arrangement.axes.map((axis) => spec.shape[axis]);
  return arrangement.flat ? [first * second, ...rest] : [first, second, ...rest];
}

/** Weights → tensors of a file. */
export function toPublic(specs: readonly ParameterSpec[], weights: Weights): Record<string, PublicTensor> {
  return Object.fromEntries(specs.map((spec) => [spec.name, {
    shape: publicShape(spec),
    data: rearrange(weights[spec.name], { spec, to: "file" }),
  }]));
}

/** Tensors of a file → weights. Throws where a tensor is missing, unknown or of another shape. */
export function fromPublic(
  specs: readonly ParameterSpec[],
  tensors: Readonly<Record<string, PublicTensor>>,
): Weights {
  const known = new Set(specs.map((spec) => spec.name));
  const unknown = Object.keys(tensors).find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw mismatch(unknown, "is in the file, the architecture has no such parameter");
  }
  return Object.fromEntries(specs.map((spec) => {
    checkTensor(spec, tensors[spec.name]);
    return [spec.name, rearrange(tensors[spec.name].data, { spec, to: "memory" })];
  }));
}

function checkTensor(spec: ParameterSpec, tensor: PublicTensor | undefined): void {
  if (tensor === undefined) throw mismatch(spec.name, "is missing in the file");
  const [found, wanted] = [tensor.shape, publicShape(spec)].map((shape) => `[${shape.join(", ")}]`);
  if (found !== wanted) throw mismatch(spec.name, `has shape ${found} in the file, expected ${wanted}`);
}

function mismatch(name: string, found: string): Error {
  return new Error(
    `Cannot load weights: ${name} ${found}, use the architecture that the file was written with`,
  );
}

/** Moves values between memory and file order; always a copy. */
function rearrange(
  values: Float32Array,
  { spec, to }: { readonly spec: ParameterSpec; readonly to: "file" | "memory" },
): Float32Array {
  const arrangement = ARRANGEMENTS[spec.layout];
  if (arrangement === undefined) return values.slice();
  const out = new Float32Array(values.length);
  const strides = stridesOf(spec.shape);
  const extents = arrangement.axes.map((axis) => spec.shape[axis]);
  const steps = arrangement.axes.map((axis) => strides[axis]);
  walk(
    extents,
    steps,
    to === "file" ? (file, memory) => out[file] = values[memory] : (file, memory) => {
      out[memory] = values[file];
    },
  );
  return out;
}

/** Visits the file's elements in order, with the place of each in memory. */
function walk(
  extents: readonly number[],
  steps: readonly number[],
  visit: (file: number, memory: number) => void,
): void {
  const index = extents.map(() => 0);
  const total = extents.reduce((product, extent) => product * extent, 1);
  let memory = 0;
  for (let file = 0; file < total; file++) {
    visit(file, memory);
    for (let axis = extents.length - 1; axis >= 0; axis--) {
      memory += steps[axis];
      if (++index[axis] < extents[axis]) break;
      memory -= steps[axis] * extents[axis];
      index[axis] = 0;
    }
  }
}

function stridesOf(shape: readonly number[]): readonly number[] {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1] * shape[axis + 1];
  return strides;
}
