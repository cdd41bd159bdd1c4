/**
 * The claims of a report, computed again from its artifacts by the scripts in docs/claims/. Run by `deno task test:claims`;
 * needs Python 3.11 or later and, the first time, its package index.
 *
 * @module
 */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { parseCsv } from "../../formats/csv.ts";
import { Checkout } from "../fixtures/checkout.ts";
import { pythonWith } from "../fixtures/python.ts";
import { writeTinyCifar } from "../fixtures/tiny_cifar.ts";

const leaf = { channels: [4, 4, 8, 8, 8], strides: [2, 1, 1, 2, 1], leafSize: 16 };
const tree = { ...leaf, leaves: 3 };

/** Scripts by the number of their claim. */
const scripts: Readonly<Record<string, string>> = {
  1: "order",
  2: "parameters",
  3: "ensemble",
  4: "decomposition",
  5: "maps",
  6: "kinds",
  7: "separation",
};
/** Largest deviation: numbers of claims.csv are rounded to a millionth. */
const TOLERANCE = 2e-6;

/** Rows that every claim needs, with three seeds: enough for those that are compared with a control. */
async function addProfile(checkout: Checkout) {
  const data = `${checkout.dir}/tiny-cifar`;
  await Deno.mkdir(data);
  const profile = {
    summary: "For tests: the rows of the claims",
    seeds: [0, 1, 2],
    models: {
      "dense-join": { ...tree, joinWidths: [32, 16] },
      "dense-join-m1": { ...leaf, type: "dense-join", leaves: 1, joinWidths: [32, 16] },
      "avg-join": tree,
      "cnn": leaf,
      "independent-leaves": { ...tree, joinWidths: [32, 16] },
    },
    "download": { md5: await writeTinyCifar(data, { perBatch: 120 }) },
    "augment-cache": { images: 64, rounds: 1, locals: { count: 0 } },
    "train": {
      epochs: 2,
      images: 64,
      batch: 16,
      microBatch: 8,
      warmupSteps: 2,
      freezeSteps: 2,
      snapshots: 0,
      learningRate: 0.05,
      momentum: 0.5,
      head: { hidden: 16, bottleneck: 8, prototypes: 32 },
    },
    "ema-teacher": { trainImages: 200, testImages: 100 },
    "probe": { l2: { count: 2 }, neighbours: [20] },
    "ensemble": { trainImages: 200, testImages: 100, mapImages: 100 },
    "saliency": { images: 40, smoothSamples: 1, integrationSteps: 1 },
    "umap": { epochs: 20, layoutSeeds: [0] },
    "report": {},
  };
  await Deno.writeTextFile(`${checkout.dir}/profiles/claims.json`, JSON.stringify(profile));
  return data;
}

Deno.test("scripts in Python compute every claim of a report from its artifacts", async (t) => {
  const python = await pythonWith(new URL("../../docs/claims/requirements.txt", import.meta.url).pathname);
  await using checkout = await Checkout.create();
  const data = await addProfile(checkout);
  await checkout.reproduce("--profile", "claims", "--source", data);
  const { rows } = parseCsv(await checkout.read("reports/claims/claims.csv"));
  assertEquals([...new Set(rows.map(({ claim }) => claim))], Object.keys(scripts));
  for (const [claim, script] of Object.entries(scripts)) {
    await t.step(`${script}.py prints the numbers and outcomes of claim ${claim}`, async () => {
      const path = `${checkout.dir}/docs/claims/${script}.py`;
      assert((await Deno.readTextFile(path)).trimEnd().split("\n").length <= 30);
      const printed = await python.run(path, `${checkout.dir}/artifacts`, "claims");
      const columns = "claim,part,seeds,value,low,high,part_outcome,outcome";
      const found = parseCsv(`${columns}\n${printed}`).rows;
      const expected = rows.filter((row) => row.claim === claim);
      assertEquals(found.length, expected.length, printed);
      for (const [at, row] of found.entries()) {
        for (const name of ["part", "seeds", "part_outcome", "outcome"]) {
          assertEquals(row[name], expected[at][name], `${name} of\n${printed}`);
        }
        for (const name of ["value", "low", "high"]) {
          const [a, b] = [row[name], expected[at][name]];
          if (a === "" || b === "") assertEquals(a, b, `${name} of\n${printed}`);
          else assertAlmostEquals(Number(a), Number(b), TOLERANCE, `${name} of\n${printed}`);
        }
      }
    });
  }
});
