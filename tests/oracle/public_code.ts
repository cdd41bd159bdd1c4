/**
 * Holds networks, head, loss, clipping, schedules, updates and views against code that did not read our words: that of
 * DINO (facebookresearch/dino) and of the paper's lead author (grantsrb/dinoclr, branch `proto`), run on the same weights
 * and views. Neither is part of this repository. Run by `deno task test:oracle` with the folders of checkouts in
 * `TREENET_DINO` and `TREENET_DINOCLR`; without them it says that it was skipped. With `--update` it writes the golden
 * values that the default tests hold us to, `golden.json`.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { writeSafetensors } from "../../formats/safetensors.ts";
import { countParameters } from "../../treenet/nn/parameters.ts";
import { pythonWith } from "../fixtures/python.ts";
import { described, drawnImages, drawnViews, MODELS } from "../reference/drawn_networks.ts";
import { REQUIREMENTS, tensor, type Tensors, under } from "../reference/exchange.ts";
import { withOps } from "../reference/ops.ts";
import { RULES, STEPS, trajectoryOf } from "../reference/our_trajectory.ts";
import { exported } from "../reference/topics/trajectory_topic.ts";
import { COUNTED, IMAGES, oracleCases, SEEDS } from "./oracle_cases.ts";

const VIEWED = 600; // images
const TOLERANCES = { loss: 1e-4, centre: 5e-5, student: 2e-5, teacher: 1e-5 };
/** The largest of eighteen differences between views that passes, in standard errors. */
const FAR = 4;

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const folders = ["TREENET_DINO", "TREENET_DINOCLR"].map((name) => Deno.env.get(name));

if (folders.includes(undefined)) {
  console.log(
    "skipped: public code at hand is needed, set TREENET_DINO to a checkout of facebookresearch/dino and " +
      "TREENET_DINOCLR to one of grantsrb/dinoclr, branch proto",
  );
} else {
  Deno.test("public code, run on the same weights and views, says the same", async (t) => {
    const { deviations, views, golden } = await ask(folders as string[]);
    console.log(table(deviations), table(views));
    if (Deno.args.includes("--update")) {
      await Deno.writeTextFile(here("golden.json"), JSON.stringify(golden));
    }
    for (const { label } of oracleCases()) {
      for (const [quantity, most] of Object.entries(TOLERANCES)) {
        await t.step(`${label}: ${quantity} over ${STEPS} steps, to ${most}`, () => {
          const found = deviations[`${label}: ${quantity}`];
          assert(found <= most, `deviates by ${found}`);
        });
      }
    }
    await t.step("views of the same images are alike in the mean", () => {
      const far = Object.entries(views).filter(([, errors]) => !(errors <= FAR));
      assertEquals([Object.keys(views).length, far], [18, []]);
    });
    for (const [label, { model, architecture }] of Object.entries(COUNTED)) {
      await t.step(`${label} has as many parameters`, () => {
        const { build, config } = MODELS[model];
        assertEquals(countParameters(build(config.parse(architecture)).specs), golden.parameters[label]);
      });
    }
  });
}

interface Answer {
  readonly deviations: Readonly<Record<string, number>>;
  /** Differences of means in standard errors. */
  readonly views: Readonly<Record<string, number>>;
  readonly golden: { readonly parameters: Readonly<Record<string, number>> };
}

/** Runs public_code.py on our trajectories and views. */
async function ask(checkouts: readonly string[]): Promise<Answer> {
  const folder = await Deno.makeTempDir({ prefix: "oracle-" });
  try {
    const counted = Object.entries(COUNTED).map(([label, { model, architecture }]) =>
      [label, MODELS[model].config.parse(architecture)] as const
    );
    const values = {
      networks: oracleCases().map(described),
      steps: STEPS,
      ...RULES,
      counted: Object.fromEntries(counted),
    };
    await Deno.writeTextFile(`${folder}/values.json`, JSON.stringify(values));
    await writeSafetensors(`${folder}/tensors.safetensors`, await ours());
    const python = await pythonWith(REQUIREMENTS);
    return JSON.parse(await python.run(here("public_code.py"), folder, ...checkouts));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function ours(): Promise<Tensors> {
  const runs = await withOps(async (ops) => {
    const made: Tensors[] = [];
    for (const which of oracleCases()) {
      made.push(
        exported(which, await trajectoryOf(which, { ops, images: IMAGES, seed: SEEDS[which.label] })),
      );
    }
    return Object.assign({}, ...made) as Tensors;
  });
  const { globals, locals } = drawnViews(VIEWED, 5);
  return {
    ...under("trajectory", runs),
    "views/images": tensor(drawnImages(VIEWED, 5), VIEWED, 32, 32, 3),
    "views/globals": tensor(globals, VIEWED, 2, 32, 32, 3),
    "views/locals": tensor(locals, VIEWED, 8, 13, 13, 3),
  };
}

function table(found: Readonly<Record<string, number>>): string {
  return Object.entries(found).map(([name, value]) => `${name.padEnd(32)} ${value.toPrecision(2)}`).join(
    "\n",
  );
}
