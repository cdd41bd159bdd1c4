/**
 * DINO (Caron et al., 2021): the student's distribution over K prototypes is to match the teacher's, which is centred and
 * sharpened. Head and loss are in `head.ts` and `loss.ts`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { buildHead, LAST_LAYER } from "../head.ts";
import { crossEntropy, targets } from "../loss.ts";
import type { Embedded, Method } from "../method.ts";

const method: Method = {
  build(size, config) {
    const head = buildHead(size, config);
    return {
      specs: head.specs,
      studentSpecs: [],
      frozen: LAST_LAYER,
      centreSize: head.size,
      teach(teacher, { counts, temperatures, centre, ops }) {
        const side = ({ params, embeddings }: Embedded) => ({
          rows: head.rows(params, embeddings, ops),
          prototypes: head.prototypes(params),
        });
        const { rows, prototypes } = side(teacher);
        const outputs = ops.matMul(rows, prototypes);
        const { views, entropy } = targets(outputs, centre, { ...counts, temperature: temperatures.teacher });
        return {
          loss: (student) =>
            crossEntropy(side(student), { views }, { temperature: temperatures.student, ops }),
          entropy,
          outputs: tf.matMul(tf.ones([1, outputs.shape[0]]), outputs) as tf.Tensor2D,
        };
      },
    };
  },
};

export default method;
