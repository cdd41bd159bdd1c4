/**
 * DINO (Caron et al., 2021): from one view of an image the student predicts the teacher's output for another.
 * Outputs are distributions over K prototypes; the teacher's are centred, so that no prototype always wins,
 * and sharpened.
 *
 *     p_t = softmax((teacher_t − c) / 0.04)        teacher views t: the two global crops
 *     q_v = softmax(student_v / 0.1)               student views v: all crops
 *     loss = mean over images and pairs (t, v), v ≠ t, of −Σ_k p_t log q_v         equations 1–3
 *     c ← 0.9 c + 0.1 · batch mean of the teacher's outputs                        equation 4
 *
 * With 2 + 8 crops that is 18 pairs. Rows are ordered view by view: the first n rows of a [V·n, K] tensor are
 * view 0 of the n images, and so on; the teacher's views are the first of the student's.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { linear, linearSpecs } from "../nn/linear.ts";
import type { ViewCounts } from "../loss.ts";
import type { Method, Objective, RunLength, SettingFault } from "../method.ts";
import { warmedUp } from "../schedule.ts";
import { tidy } from "../nn/tensors.ts";
import type { Init, Ops, ParameterSpec, Params } from "../nn/types.ts";
import { words } from "../words.ts";

const width = z.int().min(1).max(65_536);
const temperature = z.number().min(1e-3).max(10); // below, scores overflow float32 and the softmax is a maximum

const config = z.object({
  head: z.strictObject({
    hidden: width.default(2048).describe(words`Width of the head's hidden layers`),
    bottleneck: width.default(256).describe(words`Features that are l2-normalised`),
    prototypes: z.int().min(2).max(1_000_000).default(65_536).describe(words`K, outputs of the last layer`),
  }).prefault({}).describe(
    words`Widths of the projection head, which stands on the encoder while it is trained`,
  ),
  freezeEpochs: z.number().min(0).max(100_000).default(1)
    .describe(words`Epochs in which the head's last layer stays as it is`),
  freezeSteps: z.int().min(0).nullable().default(null)
    .describe(words`Steps instead of freezeEpochs, for short runs`),
  studentTemperature: temperature.default(0.1).describe(words`Temperature of the student's softmax`),
  teacherTemperature: temperature.default(0.04).describe(words`Temperature of the teacher's softmax`),
  teacherTemperatureWarmup: z.strictObject({
    from: temperature.default(0.04).describe(words`Temperature of the first step`),
    steps: z.int().min(0).default(0)
      .describe(words`Steps of the linear change to teacherTemperature; 0 for none`),
  }).prefault({}).describe(words`A teacher that starts softer or sharper than it ends`),
  centreMomentum: z.number().min(0).max(1).default(0.9)
    .describe(words`Share of itself that the centre keeps at a step`),
});

type Config = z.infer<typeof config>;

const method: Method<Config> = { config, build, faultOf };

export default method;

function build(size: number, config: Config): Objective {
  const head = buildHead(size, config.head);
  return {
    specs: head.specs,
    studentSpecs: [],
    prototypes: head.size,
    freeze: {
      parameters: [LAST_LAYER],
      steps: (stepsPerEpoch) => config.freezeSteps ?? Math.round(config.freezeEpochs * stepsPerEpoch),
    },
    init: () => ({ centre: new Float32Array(head.size) }),
    layers({ params, embeddings }, ops) {
      const layers = head.layers(params, embeddings, ops);
      return { ...layers, outputs: ops.matMul(layers.bottleneck, head.prototypes(params)) };
    },
    targets({ params, embeddings }, { step, state, counts, ops }) {
      const outputs = ops.matMul(head.rows(params, embeddings, ops), head.prototypes(params));
      const { views, entropy } = targets(outputs, state.centre as tf.Tensor1D, {
        ...counts,
        temperature: warmedUp(step, { ...config.teacherTemperatureWarmup, to: config.teacherTemperature }),
      });
      return {
        loss: ({ params, embeddings }) => {
          const student = { rows: head.rows(params, embeddings, ops), prototypes: head.prototypes(params) };
          return crossEntropy(student, views, { temperature: config.studentTemperature, ops });
        },
        entropy,
        follow: { centre: tf.matMul(tf.ones([1, outputs.shape[0]]), outputs) },
      };
    },
    update: ({ centre }, means) => updateCentre(centre, means.centre, config.centreMomentum),
  };
}

/** A head with its sizes fixed. Its outputs [N, K] are unit rows · prototypes: cosines, in [−1, 1]. */
export interface Head {
  readonly specs: readonly ParameterSpec[];
  /** K. */
  readonly size: number;
  /** x [N, D] → rows of unit length [N, bottleneck]. */
  rows(params: Params, x: tf.Tensor2D, ops: Ops): tf.Tensor2D;
  /** The same rows as `bottleneck`, and the hidden layers before them. */
  layers(
    params: Params,
    x: tf.Tensor2D,
    ops: Ops,
  ): Readonly<Record<"mlp1" | "mlp2" | "bottleneck", tf.Tensor2D>>;
  /** Weight normalisation (Salimans and Kingma, 2016): gain · v / ‖v‖, a column a prototype [bottleneck, K]. */
  prototypes(params: Params): tf.Tensor2D;
}

/** The last layer's direction, trained only once the first epoch is over. */
const LAST_LAYER = "last_layer.weight_v";
const GAIN = "last_layer.weight_g";
const WEIGHT: Init = { type: "truncated-normal", std: 0.02 };
const BIAS: Init = { type: "constant", value: 0 };

/**
 * The projection head (section 3.2): D → hidden → hidden → bottleneck with GELU between, l2-normalised, then a linear layer
 * without bias whose columns have unit length, one for each prototype.
 */
export function buildHead(size: number, { hidden, bottleneck, prototypes }: Config["head"]): Head {
  const widths = [size, hidden, hidden, bottleneck];
  return {
    specs: [
      ...widths.slice(1).flatMap((outputs, i) =>
        linearSpecs(`mlp${i + 1}`, { inputs: widths[i], outputs, weight: WEIGHT, bias: BIAS })
      ),
      ...lastLayerSpecs(bottleneck, prototypes),
    ],
    size: prototypes,
    rows: (params, x, ops) => tf.tidy(() => project(params, x, ops).bottleneck),
    layers: (params, x, ops) => tidy(() => project(params, x, ops)),
    prototypes: (params) => tf.tidy(() => normalised(params)),
  };
}

/** The last layer keeps PyTorch's own initial weights, uniform ±1/√bottleneck: only its columns' directions matter. */
function lastLayerSpecs(bottleneck: number, prototypes: number): readonly ParameterSpec[] {
  const direction: Init = { type: "uniform", bound: 1 / Math.sqrt(bottleneck) };
  const gain: Init = { type: "constant", value: 1 };
  return [
    { name: LAST_LAYER, shape: [bottleneck, prototypes], layout: "linear", init: direction, decay: true },
    { name: GAIN, shape: [prototypes], layout: "plain", init: gain, role: "fixed", decay: false },
  ];
}

function project(params: Params, x: tf.Tensor2D, ops: Ops) {
  const first = gelu(linear(x, "mlp1", { params, ops }));
  const second = gelu(linear(first, "mlp2", { params, ops }));
  const narrow = linear(second, "mlp3", { params, ops });
  return { mlp1: first, mlp2: second, bottleneck: tf.mul(narrow, inverseLength(narrow, 1)) as tf.Tensor2D };
}

function normalised(params: Params): tf.Tensor2D {
  const direction = params[LAST_LAYER] as tf.Tensor2D;
  return tf.mul(direction, tf.mul(inverseLength(direction, 0), params[GAIN]));
}

/** 1 / max(‖x‖, 1e-12), but smooth at zero. */
function inverseLength(x: tf.Tensor2D, axis: number): tf.Tensor2D {
  return tf.rsqrt(tf.add(tf.sum(tf.square(x), axis, true), 1e-24));
}

/** The exact Gaussian error linear unit (Hendrycks and Gimpel, 2016): x · Φ(x). */
function gelu(x: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
}

/** The teacher's part of the loss for one view of the student. */
interface Target {
  /** [n, K]: Σ p_t over the teacher's views t other than this one. */
  readonly weights: tf.Tensor2D;
  /** Sum of a row: the number of those views. */
  readonly mass: number;
}

/**
 * Targets of all views of the student, one a view (the local views share one), and Σ over images and teacher views of the
 * entropy of p_t, nats; from the teacher's outputs [G·n, K], G ≥ 2, and the centre [K].
 */
export function targets(
  outputs: tf.Tensor2D,
  centre: tf.Tensor1D,
  { globals, locals, temperature }: ViewCounts & { readonly temperature: number },
): { readonly views: readonly Target[]; readonly entropy: tf.Scalar } {
  const log = tf.logSoftmax(tf.div(tf.sub(outputs, centre), temperature)) as tf.Tensor2D;
  const p = tf.exp(log);
  const seen = tf.split(p, globals) as tf.Tensor2D[];
  const others = seen.map((_, view): Target => ({
    weights: sum(seen.filter((_, other) => other !== view)),
    mass: globals - 1,
  }));
  const all: Target = { weights: sum(seen), mass: globals };
  return {
    views: [...others, ...Array.from({ length: locals }, () => all)],
    entropy: tf.neg(tf.sum(tf.mul(p, log))),
  };
}

function sum<T extends tf.Tensor>(tensors: readonly T[]): T {
  return tensors.length === 1 ? tensors[0] : tf.addN([...tensors]);
}

/** The student's side of the loss: its outputs are rows · prototypes. */
interface Student {
  /** [V·n, B], view by view. */
  readonly rows: tf.Tensor2D;
  /** [B, K] */
  readonly prototypes: tf.Tensor2D;
}

/** The softmax's temperature, and the backend of the products. */
interface LossOptions {
  readonly temperature: number;
  readonly ops: Ops;
}

/**
 * Σ over images and pairs of the cross-entropy: divide by images and pairs.
 *
 * With 65,536 prototypes the outputs of a batch take 168 MB, and so would each step on the way to their gradient. That
 * gradient is known as soon as the outputs are, (mass · q_v − Σ p_t) / τ, so the sum and its derivatives by rows and
 * prototypes are formed together, view by view.
 */
export function crossEntropy(
  { rows, prototypes }: Student,
  views: readonly Target[],
  options: LossOptions,
): tf.Scalar {
  const loss = tf.customGrad((...inputs) => {
    const [x, w, save] = inputs as unknown as [tf.Tensor2D, tf.Tensor2D, (tensors: tf.Tensor[]) => void];
    const n = x.shape[0] / views.length;
    const transposed = tf.transpose(w);
    let total: Terms | undefined;
    for (const [view, target] of views.entries()) {
      total = tidy(() => {
        const rows = tf.slice(x, [view * n, 0], [n, -1]);
        const terms = viewLoss({ rows, prototypes: w, transposed }, target, options);
        return total === undefined ? terms : addTerms(total, terms);
      });
    }
    const { value, rows, prototypes } = total!;
    save([tf.concat([...rows], 0), prototypes]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => saved.map((gradient) => tf.mul(gradient, dy)),
    };
  });
  return loss(rows, prototypes) as tf.Scalar;
}

/** Loss of one or more views, and its gradients. */
interface Terms {
  readonly value: tf.Scalar;
  /** [n, B] each. */
  readonly rows: readonly tf.Tensor2D[];
  /** [B, K] */
  readonly prototypes: tf.Tensor2D;
}

function viewLoss(
  { rows, prototypes, transposed }: Student & { readonly transposed: tf.Tensor2D },
  { weights, mass }: Target,
  { temperature, ops }: LossOptions,
): Terms {
  const log = tf.logSoftmax(tf.div(ops.matMul(rows, prototypes), temperature));
  const gradient = tf.div(tf.sub(tf.mul(tf.exp(log), mass), weights), temperature) as tf.Tensor2D;
  return {
    value: tf.neg(tf.sum(tf.mul(weights, log))),
    rows: [ops.matMul(gradient, transposed)],
    prototypes: ops.matMul(tf.transpose(rows), gradient),
  };
}

/** Frees the gradient by the prototypes that it adds to. */
function addTerms(total: Terms, terms: Terms): Terms {
  const prototypes = tf.add(total.prototypes, terms.prototypes) as tf.Tensor2D;
  total.prototypes.dispose();
  return {
    value: tf.add(total.value, terms.value),
    rows: [...total.rows, ...terms.rows],
    prototypes,
  };
}

/** c ← m c + (1 − m) · batch mean, in place. */
export function updateCentre(centre: Float32Array, batchMean: Float32Array, momentum: number): void {
  for (let k = 0; k < centre.length; k++) centre[k] = momentum * centre[k] + (1 - momentum) * batchMean[k];
}

/** Refuses a warm-up or freeze that lasts as long as the run, because nothing could follow it. */
function faultOf(config: Config, { epochs, steps }: RunLength): SettingFault | undefined {
  const { freezeSteps, freezeEpochs, teacherTemperatureWarmup } = config;
  if (freezeSteps === null && freezeEpochs >= epochs) {
    return { field: "freezeEpochs", found: freezeEpochs, expected: words`less than ${epochs}, train.epochs` };
  }
  if (freezeSteps !== null && freezeSteps >= steps) {
    const expected = words`less than ${steps}, the steps of the run`;
    return { field: "freezeSteps", found: freezeSteps, expected };
  }
  if (teacherTemperatureWarmup.steps > steps) {
    const expected = words`at most ${steps}, the steps of the run`;
    return { field: "teacherTemperatureWarmup.steps", found: teacherTemperatureWarmup.steps, expected };
  }
}
