/**
 * ResNet50 (He et al., 2016) without its classifier, from scratch: torchvision's layout, names and initial
 * weights, ImageNet stem included. The last row of the paper's Table 1. `width` scales every layer. Two
 * switches give the released code's variant, without the max-pooling and with an MLP on top; a third is
 * torchvision's `zero_init_residual`.
 *
 * @module
 */
import { z } from "zod";
import * as tf from "@tensorflow/tfjs-core";
import { layerNorm, layerNormSpecs } from "../nn/layer_norm.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
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
} from "../nn/residual.ts";
import { tidy } from "../nn/tensors.ts";
import type { Encoder, Encoding, Model, ParameterSpec } from "../nn/types.ts";
import { words } from "../words.ts";

const BLOCKS = [3, 4, 6, 3]; // a stage

const config = z.strictObject({
  width: z.int().min(1).max(512).default(64).describe(words`Channels of the stem; ResNet50 proper has 64`),
  maxPool: z.boolean().default(true).describe(words`The stem's max-pooling; the released code has none`),
  mlp: z.array(z.int().min(1).max(65536)).max(8).default([])
    .describe(
      words`Widths of [LayerNorm → Linear] on the pooled features, ReLU between; the released code's: 256, 128`,
    ),
  zeroInitResidual: z.boolean().default(false)
    .describe(
      words`γ of each block's last BatchNorm starts at 0 (Goyal et al., 2017): a block is at first its shortcut`,
    ),
});

type Config = z.infer<typeof config>;

const model: Model<Config> = {
  config,
  build,
  channels: ({ width }) => BLOCKS.map((_, stage) => EXPANSION * width * 2 ** stage).join("-"),
};

export default model;

function build({ width, maxPool, mlp, zeroInitResidual }: Config): Encoder {
  const stem: ConvNorm = { conv: "conv1", norm: "bn1", kernel: 7, stride: 2, inputs: 3, outputs: width };
  const blocks = BLOCKS.flatMap((count, stage) => stageBlocks(stage, { count, width }));
  const sizes = [EXPANSION * width * 2 ** (BLOCKS.length - 1), ...mlp];
  const top = mlp.map((outputs, i) => ({
    norm: `norm${i + 1}`,
    linear: `fc${i + 1}`,
    inputs: sizes[i],
    outputs,
  }));
  const plan: Plan = { stem, maxPool, blocks, top };
  const normalised = [stem, ...blocks.flatMap(layersOf)].flatMap(convNormSpecs);
  return {
    specs: [
      ...zeroInitResidual ? withZeroGammas(normalised, blocks) : normalised,
      ...top.flatMap((layer) => [
        ...layerNormSpecs(layer.norm, [layer.inputs]),
        ...linearSpecs(layer.linear, layer),
      ]),
    ],
    leaves: 1,
    size: sizes[mlp.length],
    multiplyAdds: (pixels) => multiplyAdds(pixels, plan),
    apply: (params, images, pass) => tidy(() => apply(images, plan, { params, pass })),
  };
}

function withZeroGammas(
  specs: readonly ParameterSpec[],
  blocks: readonly Block[],
): readonly ParameterSpec[] {
  const zeroed = new Set(blocks.map(({ path: [, , last] }) => `${last.norm}.weight`));
  return specs.map((spec) =>
    zeroed.has(spec.name) ? { ...spec, init: { type: "constant", value: 0 } } : spec
  );
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
  readonly maxPool: boolean;
  readonly blocks: readonly Block[];
  /** The MLP's layers. */
  readonly top: readonly {
    readonly norm: string;
    readonly linear: string;
    readonly inputs: number;
    readonly outputs: number;
  }[];
}

function apply(images: tf.Tensor4D, { stem, maxPool, blocks, top }: Plan, layers: Layers): Encoding {
  let flow = tidy(() => {
    const first = convNorm({ x: images, buffers: {} }, stem, { ...layers, relu: true });
    if (!maxPool) return first;
    // After a ReLU only: zeros are then as good a padding as −∞, which TensorFlow's own library does not offer, and the
    // gradient of TensorFlow.js' max-pool is wrong in its wasm backend where values are negative.
    const padded = tf.pad(first.x, [[0, 0], [1, 1], [1, 1], [0, 0]]);
    return { ...first, x: tf.maxPool(padded, 3, 2, "valid") };
  });
  for (const each of blocks) flow = residual(flow, each, layers);
  const { params, pass } = layers;
  const pooled: tf.Tensor2D = tf.mean(flow.x, [1, 2]);
  pass.tap?.("pooled", pooled);
  const embedding = top.reduce((x, { norm, linear: name }, i) => {
    const active = i === 0 ? x : tf.relu(x);
    return linear(layerNorm(active, norm, params), name, { params, ops: pass.ops });
  }, pooled);
  return { embedding, buffers: pass.training ? flow.buffers : undefined };
}

function multiplyAdds(pixels: number, { stem, maxPool, blocks, top }: Plan): number {
  let sum = convMultiplyAdds(stem, pixels) +
    top.reduce((all, { inputs, outputs }) => all + inputs * outputs, 0);
  let size = sizeAfter(stem, pixels);
  if (maxPool) size = Math.floor((size + 2 - 3) / 2) + 1; // 3 × 3, stride 2, padding 1
  for (const { path, shortcut } of blocks) {
    if (shortcut !== undefined) sum += convMultiplyAdds(shortcut, size);
    for (const layer of path) {
      sum += convMultiplyAdds(layer, size);
      size = sizeAfter(layer, size);
    }
  }
  return sum;
}
