/**
 * DINO's loss (Caron et al., 2021, equations 1–3): the student's view of an image is to predict what the teacher saw in
 * *another* view of it.
 *
 *     p_t = softmax((teacher_t − c) / 0.04)        teacher views t: the two global crops
 *     q_v = softmax(student_v / 0.1)               student views v: all crops
 *     loss = mean over images and pairs (t, v), v ≠ t, of −Σ_k p_t log q_v
 *
 * With 2 + 8 crops that is 18 pairs. The centre c keeps one prototype from winning everywhere: after each step
 * c ← 0.9 c + 0.1 · batch mean of the teacher's raw outputs.
 *
 * Rows are ordered view by view: the first n rows of a [V·n, K] tensor are view 0 of the n images, and so on; the
 * teacher's views are the first of the student's.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ViewCounts } from "./method.ts";
import { tidy } from "./tidy.ts";
import type { Ops } from "./types.ts";

/** Temperatures of the two softmaxes. */
export interface Temperatures {
  /** @default 0.1 in the paper recipe */
  readonly student: number;
  /** @default 0.04 in the paper recipe */
  readonly teacher: number;
}

/** What the student is to predict of one of its views. */
export interface Target {
  /** [n, K]: Σ p_t over the teacher's views t other than this one. */
  readonly weights: tf.Tensor2D;
  /** Sum of a row: how many such views there are. */
  readonly mass: number;
}

/** What the student is to predict of all its views. */
export interface Targets {
  /** One a view of the student's; the local views share one. */
  readonly views: readonly Target[];
  /** Scalar: Σ over images and teacher views of the entropy of p_t, nats. */
  readonly entropy: tf.Scalar;
}

/** From the teacher's outputs [G·n, K], G ≥ 2, and the centre [K]. Nothing flows back through it. */
export function targets(
  outputs: tf.Tensor2D,
  centre: tf.Tensor1D,
  { globals, locals, temperature }: ViewCounts & { readonly temperature: number },
): Targets {
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

/** The student's side of the loss: its outputs are rows · prototypes. */
export interface Student {
  /** [V·n, B], view by view. */
  readonly rows: tf.Tensor2D;
  /** [B, K] */
  readonly prototypes: tf.Tensor2D;
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
  { views }: Pick<Targets, "views">,
  { temperature, ops }: { readonly temperature: number; readonly ops: Ops },
): tf.Scalar {
  const loss = tf.customGrad((...inputs) => {
    const [x, w, save] = inputs as unknown as [tf.Tensor2D, tf.Tensor2D, (tensors: tf.Tensor[]) => void];
    const n = x.shape[0] / views.length;
    const transposed = tf.transpose(w);
    let total: Terms | undefined;
    for (const [view, target] of views.entries()) {
      total = tidy(() => {
        const rows = tf.slice(x, [view * n, 0], [n, -1]);
        const terms = viewLoss({ rows, prototypes: w, transposed }, target, { temperature, ops });
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

/** Of one or more views: their loss, and its gradients. */
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
  { temperature, ops }: { readonly temperature: number; readonly ops: Ops },
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

function sum<T extends tf.Tensor>(tensors: readonly T[]): T {
  return tensors.length === 1 ? tensors[0] : tf.addN([...tensors]);
}
