/**
 * A network as an ONNX graph (https://onnx.ai/onnx/repo-docs/IR.html), built node by node, as protobuf.
 * The same calls give the same bytes.
 *
 * @module
 */
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import type { PublicTensor } from "../nn/weights.ts";

/** Version of the default operator set. */
export const OPSET = 17;

/** Version of the file format that came with this operator set. */
const IR_VERSION = 8;

/** Name of a value in the graph. */
export type Value = string;

/** Attribute of a node; a number is an integer unless it is wrapped. */
export type Attribute = number | readonly number[] | { readonly float: number };

/** A constant, row-major. */
export interface Constant {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Shape in the file: a name stands for a free length. */
type Shape = readonly (number | string)[];

const FLOAT = 1, INT64 = 7; // TensorProto.DataType
const OF_FLOAT = 1, OF_INT = 2, OF_INTS = 7; // AttributeProto.AttributeType

/** A graph under construction, with its nodes and constants. */
export class Graph {
  readonly #nodes: Uint8Array[] = [];
  readonly #constants: Uint8Array[] = [];
  readonly #inputs: Uint8Array[] = [];
  readonly #outputs: Uint8Array[] = [];
  readonly #name: string;
  #count = 0;

  constructor(name: string) {
    this.#name = name;
  }

  input(name: Value, shape: Shape): Value {
    this.#inputs.push(valueInfo(name, shape));
    return name;
  }

  /** Gives a value a public name. */
  output(name: Value, value: Value, shape: Shape): void {
    this.#nodes.push(nodeBytes("Identity", { inputs: [value], output: name }));
    this.#outputs.push(valueInfo(name, shape));
  }

  constant(name: Value, { shape, data }: Constant): Value {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#constants.push(tensor(name, { shape, type: FLOAT, bytes }));
    return name;
  }

  /** LayerNorm over the last axis, with its weight and bias. */
  layerNorm(x: Value, affine: readonly Value[]): Value {
    return this.node("LayerNormalization", [x, ...affine], { axis: -1, epsilon: { float: 1e-5 } });
  }

  /** Adds a node; returns its output. */
  node(
    operator: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value {
    const output = `v${++this.#count}`;
    this.#nodes.push(nodeBytes(operator, { inputs, output, attributes }));
    return output;
  }

  /** Reshapes a value: 0 keeps a length, -1 is the remaining length. */
  reshape(value: Value, shape: readonly number[]): Value {
    const name = `shape${++this.#count}`;
    const bytes = new Uint8Array(BigInt64Array.from(shape, BigInt).buffer);
    this.#constants.push(tensor(name, { shape: [shape.length], type: INT64, bytes }));
    return this.node("Reshape", [value, name]);
  }

  /** Bytes of the file. */
  bytes(): Uint8Array<ArrayBuffer> {
    const graph = new BinaryWriter();
    for (const node of this.#nodes) graph.tag(1, 2).bytes(node);
    graph.tag(2, 2).string(this.#name);
    for (const constant of this.#constants) graph.tag(5, 2).bytes(constant);
    for (const input of this.#inputs) graph.tag(11, 2).bytes(input);
    for (const output of this.#outputs) graph.tag(12, 2).bytes(output);
    const opset = new BinaryWriter().tag(1, 2).string("").tag(2, 0).int64(OPSET).finish();
    const model = new BinaryWriter().tag(1, 0).int64(IR_VERSION).tag(2, 2).string("treenet");
    return new Uint8Array(model.tag(7, 2).bytes(graph.finish()).tag(8, 2).bytes(opset).finish());
  }
}

function nodeBytes(
  operator: string,
  { inputs, output, attributes = {} }: {
    readonly inputs: readonly Value[];
    readonly output: Value;
    readonly attributes?: Readonly<Record<string, Attribute>>;
  },
): Uint8Array {
  const node = new BinaryWriter();
  for (const input of inputs) node.tag(1, 2).string(input);
  node.tag(2, 2).string(output).tag(4, 2).string(operator);
  for (const [name, value] of Object.entries(attributes)) node.tag(5, 2).bytes(attribute(name, value));
  return node.finish();
}

function attribute(name: string, value: Attribute): Uint8Array {
  const bytes = new BinaryWriter().tag(1, 2).string(name);
  if (typeof value === "number") return bytes.tag(3, 0).int64(value).tag(20, 0).int32(OF_INT).finish();
  if ("float" in value) return bytes.tag(2, 5).float(value.float).tag(20, 0).int32(OF_FLOAT).finish();
  for (const item of value) bytes.tag(8, 0).int64(item);
  return bytes.tag(20, 0).int32(OF_INTS).finish();
}

function tensor(
  name: string,
  { shape, type, bytes }: {
    readonly shape: readonly number[];
    readonly type: number;
    readonly bytes: Uint8Array;
  },
): Uint8Array {
  const writer = new BinaryWriter();
  for (const length of shape) writer.tag(1, 0).int64(length);
  return writer.tag(2, 0).int32(type).tag(8, 2).string(name).tag(9, 2).bytes(bytes).finish();
}

function valueInfo(name: string, shape: Shape): Uint8Array {
  const dimensions = new BinaryWriter();
  for (const length of shape) {
    const one = new BinaryWriter();
    if (typeof length === "number") one.tag(1, 0).int64(length);
    else one.tag(2, 2).string(length);
    dimensions.tag(1, 2).bytes(one.finish());
  }
  const type = new BinaryWriter().tag(1, 0).int32(FLOAT).tag(2, 2).bytes(dimensions.finish()).finish();
  const proto = new BinaryWriter().tag(1, 2).bytes(type).finish();
  return new BinaryWriter().tag(1, 2).string(name).tag(2, 2).bytes(proto).finish();
}

/** Side of the images, pixels. */
export const SIDE = 32;

export interface OnnxSource {
  /** Name of the graph. */
  readonly name: string;
  /** m */
  readonly leaves: number;
  /** Stride of each of a tree's convolutions. @default all 1 */
  readonly strides?: readonly number[];
  /** A ResNet50's stem has its max-pooling. @default true */
  readonly maxPool?: boolean;
  /** The last layer of a tree's dense join ends with its ReLU. @default true */
  readonly finalRelu?: boolean;
  /** Features of the embedding. */
  readonly embedding: number;
  /** PyTorch's layout. */
  readonly tensors: Readonly<Record<string, PublicTensor>>;
}

/** An encoder's graph while it is built. */
export interface Build {
  readonly graph: Graph;
  readonly source: OnnxSource;
  /** Constant of a tensor, in another shape where given. */
  readonly weight: (name: string, shape?: readonly number[]) => Value;
}
