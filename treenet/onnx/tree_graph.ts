/**
 * Trees and single pathways as ONNX: the m leaves are m groups of every convolution.
 *
 * @module
 */
import { type Build, SIDE, type Value } from "./onnx_graph.ts";

const EPSILON = { float: 1e-5 };

/** images [N, 3, 32, 32], normalised → outputs. */
export function treeGraph(images: Value, build: Build): void {
  const { graph, source } = build;
  const pooled = pathways(images, build);
  const leaves = leafOutputs(pooled, build);
  const [m, size] = source.tensors["leaves.output.weight"].shape;
  const { value, width } = join(leaves, { ...build, m, size });
  graph.output("embedding", value, ["N", width]);
  if (m > 1) graph.output("leaves", leaves, ["N", m, size]);
}

/** [N, m, C] */
function pathways(images: Value, build: Build): Value {
  const { graph, source, weight } = build;
  let [x, side, channels] = [images, SIDE, 3];
  for (let layer = 1; `leaves.conv${layer}.weight` in source.tensors; layer++) {
    const [outputs, , kernel] = source.tensors[`leaves.conv${layer}.weight`].shape;
    const stride = source.strides?.[layer - 1] ?? 1;
    if (layer > 1) x = groupNorm(x, { ...build, name: `leaves.norm${layer}`, channels, side });
    const convolved = graph.node(
      "Conv",
      [x, weight(`leaves.conv${layer}.weight`), weight(`leaves.conv${layer}.bias`)],
      { group: layer === 1 ? 1 : source.leaves, kernel_shape: [kernel, kernel], strides: [stride, stride] },
    );
    x = graph.node("Relu", [convolved]);
    [side, channels] = [Math.floor((side - kernel) / stride) + 1, outputs];
  }
  return graph.reshape(graph.node("GlobalAveragePool", [x]), [0, source.leaves, channels / source.leaves]);
}

/** Normalisation of each leaf over its channels and pixels: an InstanceNormalization of [N, m, rest]. */
function groupNorm(
  x: Value,
  { graph, source: { leaves }, weight, name, channels, side }: Build & {
    readonly name: string;
    readonly channels: number;
    readonly side: number;
  },
): Value {
  const each = (of: string, value: number) =>
    graph.constant(`${name}.${of}`, { shape: [leaves], data: new Float32Array(leaves).fill(value) });
  const flat = graph.reshape(x, [0, leaves, -1]);
  const normal = graph.node("InstanceNormalization", [flat, each("ones", 1), each("zeros", 0)], {
    epsilon: EPSILON,
  });
  const shape = [1, channels, 1, 1];
  const scaled = graph.node("Mul", [
    graph.reshape(normal, [0, channels, side, side]),
    weight(`${name}.weight`, shape),
  ]);
  return graph.node("Add", [scaled, weight(`${name}.bias`, shape)]);
}

/** pooled [N, m, C] → [N, m, D]: LayerNorm and Linear of each leaf. */
function leafOutputs(pooled: Value, { graph, source, weight }: Build): Value {
  const [m, size, channels] = source.tensors["leaves.output.weight"].shape;
  const ones = graph.constant("leaves.output_norm.ones", {
    shape: [channels],
    data: new Float32Array(channels).fill(1),
  });
  const normal = graph.node("LayerNormalization", [pooled, ones], { axis: -1, epsilon: EPSILON });
  const scaled = graph.node("Mul", [normal, weight("leaves.output_norm.weight", [1, m, channels])]);
  const shifted = graph.node("Add", [scaled, weight("leaves.output_norm.bias", [1, m, channels])]);
  const byLeaf = graph.node("Transpose", [shifted], { perm: [1, 0, 2] });
  const inputsFirst = graph.node("Transpose", [weight("leaves.output.weight")], { perm: [0, 2, 1] });
  const product = graph.node("MatMul", [byLeaf, inputsFirst]);
  const sum = graph.node("Add", [product, weight("leaves.output.bias", [m, 1, size])]);
  return graph.node("Transpose", [sum], { perm: [1, 0, 2] });
}

/** leaves [N, m, D] → the embedding, by the dense layers if there are any, else as they are or by their mean. */
function join(
  leaves: Value,
  { graph, source, weight, m, size }: Build & { readonly m: number; readonly size: number },
): { readonly value: Value; readonly width: number } {
  const linear = (x: Value, name: string) =>
    graph.node("Gemm", [x, weight(`${name}.weight`), weight(`${name}.bias`)], { transB: 1 });
  let [value, width] = [leaves, size];
  if ("join.linear1.weight" in source.tensors) {
    value = graph.reshape(leaves, [0, m * size]);
    const { tensors, finalRelu = true } = source;
    for (let i = 1; `join.linear${i}.weight` in tensors; i++) {
      const norm = ["weight", "bias"].map((part) => weight(`join.norm${i}.${part}`));
      value = linear(graph.layerNorm(value, norm), `join.linear${i}`);
      width = tensors[`join.linear${i}.weight`].shape[0];
      if (finalRelu || `join.linear${i + 1}.weight` in tensors) value = graph.node("Relu", [value]);
    }
  } else if (source.embedding === m * size) {
    [value, width] = [graph.reshape(leaves, [0, m * size]), m * size];
  } else value = graph.node("ReduceMean", [leaves], { axes: [1], keepdims: 0 });
  return { value: "join.extra.weight" in source.tensors ? linear(value, "join.extra") : value, width };
}
