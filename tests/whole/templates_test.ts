/**
 * A new model and a new method are one file each and their names in a profile: the files below are added to a copy of the
 * repository, and everything that could object to them is asked.
 *
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { writeTinyCifar } from "../fixtures/tiny_cifar.ts";
import { readSafetensors } from "../../formats/safetensors.ts";
import { Checkout } from "../fixtures/checkout.ts";

const MODEL = `/**
 * A linear layer on an image's mean colour.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { linear, linearSpecs } from "../nn/linear.ts";
import { tidy } from "../nn/tensors.ts";
import type { Model } from "../nn/types.ts";
import { words } from "../words.ts";

const config = z.strictObject({
  features: z.int().min(1).max(1024).default(6).describe(words\`Features of the embedding\`),
});

const model: Model<z.infer<typeof config>> = {
  config,
  build: ({ features }) => ({
    specs: linearSpecs("readout", { inputs: 3, outputs: features }),
    leaves: 1,
    size: features,
    multiplyAdds: () => 3 * features,
    apply: (params, images, { ops }) =>
      tidy(() => ({ embedding: linear(tf.mean(images, [1, 2]), "readout", { params, ops }) })),
  }),
  channels: ({ features }) => String(features),
};

export default model;
`;

const METHOD = `/**
 * The student's projection of one view is to be the teacher's of another, less the mean of the teacher's:
 * loss = mean over images and pairs (t, v), v ≠ t, of ‖q_v − (z_t − m)‖².
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { linear, linearSpecs } from "../nn/linear.ts";
import type { Embedded, Method } from "../method.ts";
import { ema } from "../optimiser.ts";
import type { Ops } from "../nn/types.ts";
import { words } from "../words.ts";

const config = z.object({
  projection: z.int().min(1).max(1024).default(8).describe(words\`Features of a projection\`),
  meanMomentum: z.number().min(0).max(1).default(0.9).describe(words\`Share of itself that the mean keeps\`),
});

const method: Method<z.infer<typeof config>> = {
  config,
  build: (size, { projection, meanMomentum }) => ({
    specs: linearSpecs("projector", { inputs: size, outputs: projection }),
    studentSpecs: [],
    init: () => ({ mean: new Float32Array(projection) }),
    layers: (embedded, ops) => ({ outputs: project(embedded, ops) }),
    targets(teacher, { state, counts: { globals, locals }, ops }) {
      const projections = project(teacher, ops);
      const goals = tf.split(tf.sub(projections, state.mean), globals);
      return {
        loss: (student) => {
          const views = tf.split(project(student, ops), globals + locals);
          const terms = goals.flatMap((goal, t) =>
            views.filter((_, v) => v !== t).map((view) => tf.sum(tf.square(tf.sub(view, goal))))
          );
          return tf.addN(terms) as tf.Scalar;
        },
        follow: { mean: tf.sum(projections, 0) },
      };
    },
    update: (state, means) => ema(state.mean, means.mean, meanMomentum),
  }),
};

export default method;

function project({ params, embeddings }: Embedded, ops: Ops): tf.Tensor2D {
  return linear(embeddings, "projector", { params, ops });
}
`;

const FILES = {
  "treenet/models/mean_colour.ts": MODEL,
  "treenet/methods/plain_mean.ts": METHOD,
} as const;

/** Tests that walk the folders, and so find what is new there. */
const SUITES = [
  "tests/treenet/models_test.ts",
  "tests/treenet/loop_test.ts",
  "tests/stages/train/train_test.ts",
];

const train = { epochs: 1, images: 32, batch: 16, warmupSteps: 1, freezeSteps: 1, microBatch: 8 };
const head = { hidden: 8, bottleneck: 4, prototypes: 16 };

async function addProfile(checkout: Checkout, name: string, fields: Readonly<Record<string, unknown>>) {
  const profile = { $schema: "./profile.schema.json", summary: "For tests", seeds: [0], ...fields };
  await Deno.writeTextFile(`${checkout.dir}/profiles/${name}.json`, JSON.stringify(profile));
}

async function keysOf(checkout: Checkout, profile: string) {
  const { stdout } = await checkout.task("status", "--profile", profile, "--json");
  return JSON.parse(stdout).map(({ id, state, digest }: Record<string, unknown>) => [id, state, digest]);
}

Deno.test("a model and a method are one file each, and their names in a profile", async (t) => {
  await using checkout = await Checkout.create();
  const source = `${checkout.dir}/tiny-cifar`;
  await Deno.mkdir(source);
  const shared = {
    "download": { md5: await writeTinyCifar(source, { perBatch: 20 }) },
    "augment-cache": { images: 32, rounds: 1, locals: { count: 1 } },
  };
  const leaf = { channels: [4, 4], strides: [2, 1], leafSize: 4 };
  await addProfile(checkout, "before", { ...shared, models: { cnn: leaf }, train: { ...train, head } });
  await checkout.reproduce("--profile", "before", "--source", source);
  const before = await keysOf(checkout, "before");
  assertEquals(before.map(([id, state]: string[]) => [id, state]), [
    ["download", "fresh"],
    ["augment-cache[0]", "fresh"],
    ["train[cnn,0]", "fresh"],
  ]);

  for (const [path, text] of Object.entries(FILES)) {
    await Deno.writeTextFile(`${checkout.dir}/${path}`, text);
  }
  const mine = { models: { "mean-colour": {} }, train: { ...train, method: "plain-mean", projection: 5 } };
  await addProfile(checkout, "mine", { ...shared, ...mine });

  await t.step("what was trained before stays fresh", async () => {
    assertEquals(await keysOf(checkout, "before"), before);
  });

  await t.step("they train, and the method's state is kept with the optimiser's", async () => {
    const { built, fresh } = await checkout.reproduce("--profile", "mine", "--source", source);
    assertEquals([built, fresh], [["train[mean-colour,0]"], ["download", "augment-cache[0]"]]);
    const [, , [, , digest]] = await keysOf(checkout, "mine");
    const { stdout } = await checkout.task("status", "--profile", "mine", "--json");
    const { dir } = JSON.parse(stdout).find(({ digest: found }: { digest: string }) => found === digest);
    const { tensors } = await readSafetensors(`${checkout.dir}/${dir}/optimizer.safetensors`);
    assertEquals(tensors.mean.shape, [5]);
  });

  await t.step("a field of no method, and a name of none, are refused with what was meant", async () => {
    const said = async (setting: string) =>
      (await checkout.task("status", "--profile", "mine", "--set", setting)).stderr;
    assertStringIncludes(await said("train.projecton=4"), 'did you mean "projection"');
    assertStringIncludes(await said("train.method=plain-man"), 'did you mean "plain-mean"');
  });

  await t.step("a profile may change its method and nothing else", async () => {
    const { code, stderr } = await checkout.task("status", "--profile", "mine", "--set", "train.method=byol");
    assertEquals(code, 0, stderr);
  });

  await t.step("types, format and rules of the house have nothing to object", async () => {
    for (const command of [["check"], ["fmt", "--check"], ["lint"]]) {
      await deno(checkout, [...command, ...Object.keys(FILES)]);
    }
  });

  await t.step("a method that is not finished stops those alone who ask for it", async () => {
    await Deno.writeTextFile(`${checkout.dir}/treenet/methods/half.ts`, "export default { build: (");
    const asked = await checkout.task("status", "--profile", "mine", "--set", "train.method=half");
    assertEquals(asked.code, 2);
    assertStringIncludes(
      asked.stderr,
      'train.method is "half", but treenet/methods/half.ts cannot be loaded',
    );
    assertEquals((await checkout.task("status", "--profile", "mine")).code, 0);
    await Deno.remove(`${checkout.dir}/treenet/methods/half.ts`);
  });

  await t.step("the profiles' schema is written anew", async () => {
    assertEquals((await checkout.task("schema")).code, 0);
    await test(checkout, "tests/pipeline/tasks/profile_schema_test.ts");
  });

  await t.step("the suites that look into the folders find and pass them", async () => {
    const { stdout } = await test(checkout, "--filter", "/mean-colour|plain-mean/", ...SUITES);
    assertStringIncludes(stdout, "mean-colour on wasm: deterministic, batch-independent");
    assertStringIncludes(stdout, "plain-mean: gradients of micro-batches add up to the batch's on wasm");
    assertStringIncludes(stdout, "a run of plain-mean that was stopped twice ends with the bytes");
  });
});

/** The files were checked before. */
function test(checkout: Checkout, ...args: readonly string[]) {
  return deno(checkout, ["test", "--no-prompt", "-A", "--frozen", "--no-check", ...args]);
}

async function deno(checkout: Checkout, args: readonly string[]) {
  const options = { args: [...args], cwd: checkout.dir, env: { NO_COLOR: "1" } };
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), options).output();
  const text = new TextDecoder(), said = { stdout: text.decode(stdout), stderr: text.decode(stderr) };
  assertEquals(code, 0, `deno ${args[0]} failed:\n${said.stderr}\n${said.stdout.slice(-4000)}`);
  return said;
}
