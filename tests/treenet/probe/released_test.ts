import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertLess,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import {
  initialLayer,
  predictReleased,
  releasedEpochs,
  trainReleased,
} from "../../../treenet/probe/released.ts";
import type { LabelledFeatures } from "../../../treenet/probe/feature_rows.ts";
import { CLASSES, goldenData, SIZE } from "./golden_data.ts";

/** One step of Adam after the other in nested arrays, from the formulas alone: docs/recipe.md, Linear evaluation. */
function byHand(
  start: { readonly w: number[][]; readonly b: number[] },
  { epochs, batch }: { readonly epochs: number; readonly batch: number },
) {
  const { x, labels } = goldenData();
  const rows = labels.length;
  const [w, b] = [start.w.map((row) => [...row]), [...start.b]];
  const moments = new Map<string, { m: number; v: number }>();
  const losses: number[] = [];
  for (let epoch = 0, t = 0; epoch < epochs; epoch++) {
    let total = 0;
    for (let from = 0; from < rows; from += batch) {
      t++;
      const members = [...labels.keys()].slice(from, from + batch);
      const gradients = new Map<string, number>();
      const add = (name: string, value: number) => gradients.set(name, (gradients.get(name) ?? 0) + value);
      for (const i of members) {
        const scores = b.map((bias, j) =>
          bias + w.reduce((sum, row, k) => sum + x[i * SIZE + k] * row[j], 0)
        );
        const all = scores.reduce((sum, score) => sum + Math.exp(score), 0);
        total -= Math.log(Math.exp(scores[labels[i]]) / all) / members.length;
        for (let j = 0; j < CLASSES; j++) {
          const residual = (Math.exp(scores[j]) / all - (labels[i] === j ? 1 : 0)) / members.length;
          add(`b ${j}`, residual);
          for (let k = 0; k < SIZE; k++) add(`w ${k} ${j}`, residual * x[i * SIZE + k]);
        }
      }
      for (const [name, gradient] of gradients) {
        const { m, v } = moments.get(name) ?? { m: 0, v: 0 };
        const next = { m: 0.9 * m + 0.1 * gradient, v: 0.999 * v + 0.001 * gradient ** 2 };
        moments.set(name, next);
        const move = 0.01 * (next.m / (1 - 0.9 ** t)) / (Math.sqrt(next.v / (1 - 0.999 ** t)) + 1e-8);
        const [kind, first, second] = name.split(" ");
        if (kind === "b") b[Number(first)] -= move;
        else w[Number(first)][Number(second)] -= move;
      }
    }
    losses.push(total);
  }
  return { w, b, losses };
}

const options = { classes: CLASSES, seed: 3, batch: 50 };

/** The layer before its first step, as nested arrays. */
function start() {
  const layer = initialLayer(SIZE, options);
  const w = Array.from({ length: SIZE }, (_, k) => [...layer.weights.slice(k * CLASSES, (k + 1) * CLASSES)]);
  return { w, b: [...layer.biases] };
}

/** The layer after so many epochs, with the sums of the batches' mean losses. */
async function after(epochs: number, features: LabelledFeatures = goldenData()) {
  const losses: number[] = [];
  for await (const { layer, loss } of releasedEpochs(features, options)) {
    losses.push(loss);
    if (losses.length === epochs) return { weights: [...layer.weights], biases: [...layer.biases], losses };
  }
  throw new Error("unreachable");
}

Deno.test("the released probe takes the steps of a reference written by hand, partial batches included", async () => {
  const layer = await after(12);
  const { w, b, losses } = byHand(start(), { epochs: 12, batch: 50 });
  losses.forEach((loss, epoch) => assertAlmostEquals(layer.losses[epoch], loss, 1e-10));
  w.flat().forEach((value, at) => assertAlmostEquals(layer.weights[at], value, 1e-9));
  b.forEach((value, j) => assertAlmostEquals(layer.biases[j], value, 1e-9));
});

Deno.test("its first weights are uniform in ±1/√d, and follow from the seed alone", () => {
  const { w, b } = start();
  const bound = 1 / Math.sqrt(SIZE);
  assert([...w.flat(), ...b].every((value) => Math.abs(value) <= bound));
  assert(Math.max(...w.flat()) > bound / 2 && Math.min(...w.flat()) < -bound / 2);
  assertEquals(start(), { w, b });
});

/** Epochs until so many in a row bring no gain; losses are sums of the batches' means. */
function stopOf(
  losses: readonly number[],
  { gain, patience }: { readonly gain: number; readonly patience: number },
) {
  let lowest = Infinity, since = 0;
  for (const [epoch, loss] of losses.entries()) {
    const images = loss / goldenData().labels.length;
    if (lowest - images > gain) [lowest, since] = [images, 0];
    else if (++since === patience) return epoch + 1;
  }
  return Infinity;
}

Deno.test("it stops after five epochs in a row without a gain of more than 1e-5 an image, and not before", async () => {
  const { losses } = await trainReleased(goldenData(), options);
  const all = (await after(losses.length + 50)).losses;
  assertEquals(losses.length, stopOf(all, { gain: 1e-5, patience: 5 }));
  assertNotEquals(losses.length, stopOf(all, { gain: 0, patience: 5 })); // any new low is another rule
  losses.forEach((loss, epoch) => assertAlmostEquals(loss, all[epoch] / 3, 1e-12)); // of 3 batches
});

Deno.test("a larger gain or less patience stops it earlier", async () => {
  const epochs = async (change: { readonly gain?: number; readonly patience?: number }) =>
    (await trainReleased(goldenData(), { ...options, ...change })).losses.length;
  const usual = await epochs({});
  assertLess(await epochs({ gain: 1e-3 }), usual);
  assertLess(await epochs({ patience: 2 }), usual);
});

Deno.test("a layer that gains for ever is an error", async () => {
  const still = { ...options, gain: -1, patience: 1 }; // whatever happens counts as a gain
  await assertRejects(() => trainReleased(goldenData(), still), RangeError, "after 10000 epochs");
});

Deno.test("it does not standardise: longer features give another layer", async () => {
  const data = goldenData();
  const longer = { ...data, x: data.x.map((value) => 255 * value) };
  assert((await after(1, longer)).losses[0] > 2 * (await after(1)).losses[0]);
});

Deno.test("predictions name the class with the highest score", async () => {
  const data = goldenData();
  const layer = await trainReleased(data, options);
  const named = predictReleased(layer, data);
  const right = named.filter((label, i) => label === data.labels[i]).length;
  assert(right > 60 && right < 80, `${right}`); // the convex minimum gets 70 of 120
});

Deno.test("its progress can stop it", async () => {
  const stop = () => {
    throw new Error("stopped");
  };
  await assertRejects(() => trainReleased(goldenData(), { ...options, progress: stop }), Error, "stopped");
});
