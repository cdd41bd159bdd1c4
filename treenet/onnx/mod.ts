/**
 * A frozen encoder as ONNX, from its weights as they are in files. The kind of network follows from the names
 * of its tensors, so an archive's files are enough.
 *
 * Input `images` float32 [N, 3, 32, 32], sRGB in [0, 1]; outputs `embedding` [N, D] and, for trees, `leaves`
 * [N, m, D']. The normalisation by ImageNet's mean and deviation is part of the graph.
 *
 * @module
 */
import { MEAN, STD } from "../augment/normalise.ts";
import { Graph, type OnnxSource, SIDE, type Value } from "./onnx_graph.ts";
import { residualGraph } from "./residual_graph.ts";
import { treeGraph } from "./tree_graph.ts";

export { type OnnxSource, OPSET } from "./onnx_graph.ts";

/** Bytes of the file, or undefined where the tensors belong to no known kind of network. */
export function encoderOnnx(source: OnnxSource): Uint8Array<ArrayBuffer> | undefined {
  const build = "leaves.conv1.weight" in source.tensors
    ? treeGraph
    : "layer1.0.conv1.weight" in source.tensors
    ? residualGraph
    : undefined;
  if (build === undefined) return undefined;
  const graph = new Graph(source.name);
  const weight = (name: string, shape?: readonly number[]) => {
    const tensor = source.tensors[name];
    if (tensor === undefined) throw new Error(`Cannot write ${source.name} as ONNX: it has no ${name}`);
    return graph.constant(name, { ...tensor, shape: shape ?? tensor.shape });
  };
  const images = graph.input("images", ["N", 3, SIDE, SIDE]);
  build(normalised(graph, images), { graph, source, weight });
  return graph.bytes();
}

function normalised(graph: Graph, images: Value): Value {
  const perChannel = (name: string, values: readonly number[]) =>
    graph.constant(name, { shape: [1, 3, 1, 1], data: Float32Array.from(values) });
  const centred = graph.node("Sub", [images, perChannel("mean", MEAN)]);
  return graph.node("Div", [centred, perChannel("std", STD)]);
}
