import { assertAlmostEquals, assertEquals, assertMatch } from "@std/assert";
import { featureSd, findCollapse, findNotFinite, type Vitals, WINDOW } from "../../stages/treenet/health.ts";
import { random } from "../../stages/treenet/random.ts";

const K = 512;
const HEALTHY: Vitals = { loss: 5.9, teacherEntropy: 5.5, kl: 0.4, featureSd: 0.2 };

function windowOf(changes: Partial<Vitals>, length = WINDOW): Vitals[] {
  return Array.from({ length }, () => ({ ...HEALTHY, ...changes }));
}

Deno.test("a healthy window is no collapse", () => {
  assertEquals(findCollapse(windowOf({}), K), undefined);
});

Deno.test("entropy at ln K with a vanishing KL is a collapse", () => {
  const collapse = findCollapse(windowOf({ teacherEntropy: Math.log(K), kl: 1e-6 }), K);
  assertMatch(collapse!.found, /entropy/);
});

Deno.test("entropy at 0 with a vanishing KL is a collapse", () => {
  assertEquals(findCollapse(windowOf({ teacherEntropy: 1e-6, kl: 1e-6 }), K)?.type, "collapsed");
});

Deno.test("entropy at ln K is none while the KL is not", () => {
  assertEquals(findCollapse(windowOf({ teacherEntropy: Math.log(K), kl: 0.1 }), K), undefined);
});

Deno.test("embeddings that are all the same are a collapse", () => {
  assertMatch(findCollapse(windowOf({ featureSd: 1e-6 }), K)!.found, /same embedding/);
});

Deno.test("one healthy step in the window acquits", () => {
  const window = windowOf({ featureSd: 1e-6 });
  window[7] = HEALTHY;
  assertEquals(findCollapse(window, K), undefined);
});

Deno.test("a run shorter than the window is never judged", () => {
  assertEquals(findCollapse(windowOf({ featureSd: 0 }, WINDOW - 1), K), undefined);
});

Deno.test("a loss and a gradient that are not finite are found and named", () => {
  assertMatch(findNotFinite({ ...HEALTHY, loss: NaN }, new Map())!.found, /loss is NaN/);
  assertMatch(findNotFinite(HEALTHY, new Map([["head.mlp1.weight", Infinity]]))!.found, /head\.mlp1\.weight/);
  assertEquals(findNotFinite(HEALTHY, new Map([["head.mlp1.weight", 2]])), undefined);
});

Deno.test("feature SD is 0 for one direction and near 1 for directions drawn evenly", () => {
  assertAlmostEquals(featureSd(Float32Array.of(1, 2, 2, 4, 3, 6), 2), 0, 1e-6);
  const stream = random(1);
  const rows = Float32Array.from({ length: 4000 * 16 }, () => stream.normal());
  assertAlmostEquals(featureSd(rows, 16), 1, 0.02);
});
