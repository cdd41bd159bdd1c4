/**
 * ResNet50 (He et al., 2016) without its classifier, from scratch: torchvision's layout, names and initial weights,
 * ImageNet stem included. The last row of the paper's Table 1. `width` scales every layer.
 *
 * @module
 */
import { z } from "zod";
import * as tf from "@tensorflow/tfjs-core";
import {
  type Block,
  block,
  convMultiplyAdds,
  type ConvNorm,
  convNorm,
  convNormSpecs,
  EXPANSION,
  type Layers,
  layersOf,
  residual,
  sizeAfter,
} from "../residual.ts";
import { tidy } from "../tidy.ts";
import type { Encoder, Encoding, Model } from "../types.ts";

const BLOCKS = [3, 4, 6, 3]; // a stage

const config = z.strictObject({
  width: z.int().min(1).max(512).default(64).describe("Channels of the stem; ResNet50 proper has 64"),
});

const model: Model<z.infer<typeof config>> = {
  config,
  build: ({ width }) => build(width),
  channels: ({ width }) => BLOCKS.map((_, stage) => EXPANSION * width * 2 ** stage).join("-"),
};

export default model;

function build(width: number): Encoder {
  const stem: ConvNorm = { conv: "conv1", norm: "bn1", kernel: 7, stride: 2, inputs: 3, outputs: width };
  const blocks = BLOCKS.flatMap((count, stage) => stageBlocks(stage, { count, width }));
  return {
    specs: [stem, ...blocks.flatMap(layersOf)].flatMap(convNormSpecs),
    leaves: 1,
    size: EXPANSION * width * 2 ** (BLOCKS.length - 1),
    multiplyAdds: (pixels) => multiplyAdds(pixels, { stem, blocks }),
    apply: (params, images, pass) => tidy(() => apply(images, { stem, blocks }, { params, pass })),
  };
}

function stageBlocks(stage: number, { count, width }: { count: number; width: number }): readonly Block[] {
  const inner = width * 2 ** stage;
  const before = stage === 0 ? width : EXPANSION * inner / 2;
  return Array.from({ length: count }, (_, i) =>
    block(`layer${stage + 1}.${i}`, {
      inputs: i === 0 ? before : EXPANSION * inner,
      width: inner,
      stride: i === 0 && stage > 0 ? 2 : 1,
    }));
}

interface Plan {
  readonly stem: ConvNorm;
  readonly blocks: readonly Block[];
}

function apply(images: tf.Tensor4D, { stem, blocks }: Plan, layers: Layers): Encoding {
  let flow = tidy(() => {
    const first = convNorm({ x: images, buffers: {} }, stem, { ...layers, relu: true });
    // After a ReLU only: zeros are then as good a padding as −∞, which TensorFlow's own library does not offer, and the
    // gradient of TensorFlow.js' max-pool is wrong in its wasm backend where values are negative.
    const padded = tf.pad(first.x, [[0, 0], [1, 1], [1, 1], [0, 0]]);
    return { ...first, x: tf.maxPool(padded, 3, 2, "valid") };
  });
  for (const each of blocks) flow = residual(flow, each, layers);
  return { embedding: tf.mean(flow.x, [1, 2]), buffers: layers.pass.training ? flow.buffers : undefined };
}

function multiplyAdds(pixels: number, { stem, blocks }: Plan): number {
  let sum = convMultiplyAdds(stem, pixels);
  let size = Math.floor((sizeAfter(stem, pixels) + 2 - 3) / 2) + 1; // max-pool 3 × 3, stride 2, padding 1
  for (const { path, shortcut } of blocks) {
    if (shortcut !== undefined) sum += convMultiplyAdds(shortcut, size);
    for (const layer of path) {
      sum += convMultiplyAdds(layer, size);
      size = sizeAfter(layer, size);
    }
  }
  return sum;
}
