/**
 * ResNet50 (He et al., 2016) as ONNX, from torchvision's names.
 *
 * @module
 */
import type { Build, Value } from "./onnx_graph.ts";

/** images [N, 3, 32, 32], normalised → outputs. */
export function residualGraph(images: Value, build: Build): void {
  const { graph, weight, source: { tensors, maxPool = true } } = build;
  let x = graph.node("Relu", [convNorm(images, { ...build, conv: "conv1", norm: "bn1", stride: 2 })]);
  if (maxPool) {
    x = graph.node("MaxPool", [x], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
  }
  for (let stage = 1; `layer${stage}.0.conv1.weight` in tensors; stage++) {
    for (let i = 0; `layer${stage}.${i}.conv1.weight` in tensors; i++) {
      x = block(x, { ...build, name: `layer${stage}.${i}`, stride: stage > 1 && i === 0 ? 2 : 1 });
    }
  }
  let embedding = graph.node("Flatten", [graph.node("GlobalAveragePool", [x])]);
  let width = tensors["layer4.0.conv3.weight"].shape[0];
  for (let i = 1; `fc${i}.weight` in tensors; i++) {
    const active = i === 1 ? embedding : graph.node("Relu", [embedding]);
    const input = graph.layerNorm(active, ["weight", "bias"].map((part) => weight(`norm${i}.${part}`)));
    embedding = graph.node("Gemm", [input, weight(`fc${i}.weight`), weight(`fc${i}.bias`)], { transB: 1 });
    width = tensors[`fc${i}.weight`].shape[0];
  }
  graph.output("embedding", embedding, ["N", width]);
}

function block(x: Value, of: Build & { readonly name: string; readonly stride: number }): Value {
  const { graph, name, stride } = of;
  const layer = (input: Value, i: number, step = 1) =>
    convNorm(input, { ...of, conv: `${name}.conv${i}`, norm: `${name}.bn${i}`, stride: step });
  const first = graph.node("Relu", [layer(x, 1)]);
  const second = graph.node("Relu", [layer(first, 2, stride)]);
  const last = layer(second, 3);
  const shortcut = { conv: `${name}.downsample.0`, norm: `${name}.downsample.1`, stride };
  const straight = `${shortcut.conv}.weight` in of.source.tensors ? convNorm(x, { ...of, ...shortcut }) : x;
  return graph.node("Relu", [graph.node("Add", [last, straight])]);
}

/** Convolution without bias, then batch normalisation by running statistics. */
function convNorm(
  x: Value,
  { graph, source, weight, conv, norm, stride }: Build & {
    readonly conv: string;
    readonly norm: string;
    readonly stride: number;
  },
): Value {
  const kernel = source.tensors[`${conv}.weight`].shape[2];
  const pad = (kernel - 1) / 2;
  const convolved = graph.node("Conv", [x, weight(`${conv}.weight`)], {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: [pad, pad, pad, pad],
  });
  const statistics = ["weight", "bias", "running_mean", "running_var"].map((part) =>
    weight(`${norm}.${part}`)
  );
  return graph.node("BatchNormalization", [convolved, ...statistics], { epsilon: { float: 1e-5 } });
}
