/**
 * Holds twenty steps of training against values that the public code of DINO and of the paper's lead author computed on the
 * same weights and views: written by `deno task test:oracle --update`, explained in docs/reference.md.
 */
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { countParameters } from "../../treenet/nn/parameters.ts";
import { toPublic } from "../../treenet/nn/weights.ts";
import golden from "../oracle/golden.json" with { type: "json" };
import { COUNTED, IMAGES, oracleCases, SEEDS } from "../oracle/oracle_cases.ts";
import { MODELS } from "../reference/drawn_networks.ts";
import { withOps } from "../reference/ops.ts";
import { trajectoryOf } from "../reference/our_trajectory.ts";

/** Largest difference ÷ largest value of the public code. */
function apart(ours: ArrayLike<number>, theirs: readonly number[]): number {
  assertEquals(ours.length, theirs.length);
  const largest = Math.max(...theirs.map(Math.abs));
  return Math.max(...theirs.map((value, i) => Math.abs(value - ours[i]))) / largest;
}

/** Norm, and product with cos 0, cos 1, …. */
function checksum(values: Float32Array): readonly [number, number] {
  let [squares, product] = [0, 0];
  values.forEach((value, i) => {
    squares += value ** 2;
    product += value * Math.cos(i);
  });
  return [Math.sqrt(squares), product];
}

for (const which of oracleCases()) {
  const { label, network } = which;
  Deno.test(`${label}: twenty steps of training are the public code's`, async () => {
    const run = await withOps((ops) => trajectoryOf(which, { ops, images: IMAGES, seed: SEEDS[label] }));
    const { loss, centre, student } = golden[label as "one leaf"];
    assertLessOrEqual(apart(run.moments.map((moment) => moment.loss), loss), 1e-4);
    assertLessOrEqual(apart(run.moments.at(-1)!.centre, centre), 1e-3);
    const found = toPublic(network.specs, run.moments.at(-1)!.student);
    const expected: Readonly<Record<string, readonly number[]>> = student;
    assertEquals(Object.keys(found).sort(), Object.keys(expected).sort());
    for (const [parameter, { data }] of Object.entries(found)) {
      const slack = 1e-4 * Math.max(expected[parameter][0], 1e-2);
      checksum(data).forEach((sum, i) => {
        const wanted = expected[parameter][i];
        assert(Math.abs(sum - wanted) <= slack, `${parameter}: ${sum}, not ${wanted}`);
      });
    }
  });
}

for (const [label, { model, architecture }] of Object.entries(COUNTED)) {
  Deno.test(`${label} of the paper's size has as many parameters as the public code's`, () => {
    const { build, config } = MODELS[model];
    const { specs } = build(config.parse(architecture));
    assertEquals(countParameters(specs), golden.parameters[label as keyof typeof golden.parameters]);
  });
}
