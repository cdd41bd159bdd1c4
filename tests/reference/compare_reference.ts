/**
 * Holds the project's numbers against an independent implementation in PyTorch, scikit-learn and umap-learn, written from
 * the recipe's words. Run by `deno task test:reference`; needs Python 3.11 or later and, the first time, its package
 * index. With `--update` it writes docs/reference.md and the golden values of the default tests anew.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { ask, REQUIREMENTS } from "./exchange.ts";
import { allowedBySummary, allowedByTopics, type Finding, printed, writeSummary } from "./summary.ts";
import type { Topic } from "./topic.ts";
import augment from "./topics/augment_topic.ts";
import forward from "./topics/forward_topic.ts";
import gradient from "./topics/gradient_topic.ts";
import initial from "./topics/initial_topic.ts";
import methods from "./topics/methods_topic.ts";
import optimiser from "./topics/optimiser_topic.ts";
import probes from "./topics/probes_topic.ts";
import released from "./topics/released_topic.ts";
import sizes from "./topics/sizes_topic.ts";
import trajectory from "./topics/trajectory_topic.ts";
import umap from "./topics/umap_topic.ts";
import { Checkout } from "../fixtures/checkout.ts";
import { pythonWith } from "../fixtures/python.ts";
import { addTinyProfile } from "../fixtures/tiny_profile.ts";

const TOPICS: readonly Topic[] = [
  sizes,
  initial,
  forward,
  gradient,
  methods,
  optimiser,
  trajectory,
  augment,
  probes,
  released,
  umap,
];
const update = Deno.args.includes("--update");
const python = await pythonWith(REQUIREMENTS);
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const findings: Finding[] = [];

for (const topic of TOPICS) {
  Deno.test(`${topic.name}: within its tolerances of the reference`, async (t) => {
    const { deviations, golden } = await ask(python, topic.name, await topic.exported());
    findings.push({ topic, deviations });
    console.log(printed({ topic, deviations }));
    if (update && golden !== undefined) {
      await Deno.writeTextFile(here(`golden/${topic.name}.json`), JSON.stringify(golden));
    }
    assertEquals(Object.keys(deviations).sort(), Object.keys(topic.tolerances).sort());
    for (const [quantity, most] of Object.entries(topic.tolerances)) {
      if (most === null) continue;
      await t.step(`${quantity}: at most ${most}`, () => {
        const found = deviations[quantity];
        assert(found <= most, `deviates by ${found}, expected at most ${most}`);
      });
    }
  });
}

Deno.test("the example of docs/artifacts.md computes features_test.npy in PyTorch, to 1e-5 of the largest", async (t) => {
  const example = here("example.py");
  assertStringIncludes(
    await Deno.readTextFile(here("../../docs/artifacts.md")),
    await Deno.readTextFile(example),
  );
  await using checkout = await Checkout.create();
  const { data } = await addTinyProfile(checkout);
  const tiny = JSON.parse(await checkout.read("profiles/tiny.json"));
  const { "dense-join": dense, "avg-join": concatenation } = tiny.models;
  const switched = { ...dense, type: "dense-join", finalRelu: false, extraLinear: true };
  Object.assign(tiny.models, { switched, concatenation });
  await Deno.writeTextFile(`${checkout.dir}/profiles/tiny.json`, JSON.stringify(tiny));
  for (const model of ["dense-join", "avg-join", "cnn", "switched", "concatenation"]) {
    await t.step(model, async () => {
      const id = `ema-teacher[${model},0]`;
      const made = await checkout.task("stage", id, "--profile", "tiny", "--source", data);
      assertEquals(made.code, 0, made.stderr);
      const { stdout } = await checkout.task("status", "--profile", "tiny", "--json");
      const status: readonly { readonly id: string; readonly dir: string }[] = JSON.parse(stdout);
      const { dir } = status.find((each) => each.id === id)!;
      const printed = await python.run(example, `${checkout.dir}/${dir}`, data);
      const difference = Number(printed.match(/^largest difference: (\S+) of/)?.[1]);
      assert(difference <= 1e-5, printed);
    });
  }
});

Deno.test("the README's Python opens a teacher and its features", async () => {
  await using checkout = await Checkout.create();
  const { data } = await addTinyProfile(checkout);
  const made = await checkout.task(
    "stage",
    "ema-teacher[dense-join,0]",
    "--profile",
    "tiny",
    "--source",
    data,
  );
  assertEquals(made.code, 0, made.stderr);
  const readme = await Deno.readTextFile(here("../../README.md"));
  const lines = readme.match(/^```python\n([^]*?)^```/m)![1];
  const program = `import os; os.chdir(${JSON.stringify(checkout.dir)})\n${lines}` +
    "print(len(teacher), features.shape[1], len(features) == len(labels))";
  assertMatch(await python.run("-c", program), /^[1-9]\d* [1-9]\d* True$/m);
});

Deno.test("docs/reference.md lists every quantity with its tolerance", async () => {
  if (update && findings.length === TOPICS.length) await writeSummary(findings, here("golden"));
  assertEquals(await allowedBySummary(), allowedByTopics(TOPICS));
});
