/**
 * Convolutions and matrix products of the wasm backend. They are one operation: a matrix product is a 1 × 1
 * convolution of images of one pixel.
 *
 * @module
 */
import { type Convolution, ConvolutionPass } from "./convolution_pass.ts";
import type { Operation } from "./differentiable.ts";
import type { Workshop } from "./workshop.ts";

/**
 * Differentiable operation of a convolution. Inputs: x, w [groups, kernel², inputs, outputs] and optionally a
 * bias [groups, outputs], in any shapes with the same order in memory.
 */
export function convolutionOperation(
  workshop: Workshop,
  convolution: Convolution,
  { inputs, shape }: Pick<Operation, "inputs" | "shape">,
): Operation {
  const surrounded = inlinePadding(convolution), margin = convolution.pad - surrounded.pad;
  const pass = new ConvolutionPass(workshop, surrounded);
  const inputsOf = (x: Float32Array) => margin > 0 ? surround(x, convolution, margin) : x;
  return {
    name: convolution.name,
    inputs,
    shape,
    compute([x, w, bias], out) {
      workshop.sweep();
      pass.forward({ x: inputsOf(x), w, bias }, out);
    },
    backward: () => (index, { dy, inputs: [x, w], out }) => {
      if (index === 1) return pass.weightGradient({ x: inputsOf(x), dy }, out);
      if (index === 2) return pass.biasGradient(dy, out);
      if (margin === 0) return pass.inputGradient({ w, dy }, out);
      const whole = surround(out, convolution, margin);
      pass.inputGradient({ w, dy }, whole);
      eachRow(
        convolution,
        margin,
        ({ inner, outer, length }) => out.set(whole.subarray(outer, outer + length), inner),
      );
    },
  };
}

/**
 * Pads images of few channels beforehand. Otherwise each tap reads few floats at a time; after padding the
 * kernel reads whole rows of taps.
 */
function inlinePadding(convolution: Convolution): Convolution {
  const { groups, pad, inputs, height, width } = convolution;
  if (inputs > 4 || groups > 1) return convolution;
  return { ...convolution, pad: 0, height: height + 2 * pad, width: width + 2 * pad };
}

/** x [N, H, W, C] with `margin` zero pixels on every side. */
function surround(x: Float32Array, convolution: Convolution, margin: number): Float32Array {
  const { images, height, width, inputs } = convolution;
  const out = new Float32Array(images * (height + 2 * margin) * (width + 2 * margin) * inputs);
  eachRow(
    convolution,
    margin,
    ({ inner, outer, length }) => out.set(x.subarray(inner, inner + length), outer),
  );
  return out;
}

/** Visits the rows of pixels with their float offsets: `inner` without the margin, `outer` with it. */
function eachRow(
  { images, height, width, inputs }: Convolution,
  margin: number,
  act: (row: { readonly inner: number; readonly outer: number; readonly length: number }) => void,
): void {
  const [tall, wide, length] = [height + 2 * margin, width + 2 * margin, width * inputs];
  for (let row = 0; row < images * height; row++) {
    const y = Math.floor(row / height) * tall + margin + row % height;
    act({ inner: row * length, outer: (y * wide + margin) * inputs, length });
  }
}
