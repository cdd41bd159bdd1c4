import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { readCsv } from "../../../formats/csv.ts";
import { one, written } from "./written.ts";

const models = [
  "dense-join+leaves=2",
  "dense-join",
  "dense-join+leaves=2+method=byol",
  "cnn+method=byol",
  "brand-new",
];
const sweep = [
  { model: models[0], of: "dense-join", values: { "leaves": 2, "train.method": "dino" } },
  { model: models[1], of: "dense-join", values: { "leaves": 10, "train.method": "dino" } },
  { model: models[2], of: "dense-join", values: { "leaves": 2, "train.method": "byol" } },
  { model: models[3], of: "cnn", values: { "train.method": "byol" } },
];
const only = ["download", "views", "trained", "teachers", "probes"] as const;

function sectionOf(text: string): string {
  return text.split("## Sweep\n")[1].split("\n## ")[0];
}

Deno.test("a sweep is a table, a row for each of its models with values, accuracy, size and cost, and a figure", async () => {
  await using report = await written({ models, seeds: [0, 1] }, { sweep, only });
  const section = sectionOf(report.text);
  const rows = section.split("\n").filter((line) => line.startsWith("|"));
  const cells = rows.map((row) => row.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "")));
  assertEquals(cells[0].slice(0, 5), ["Type", "`leaves`", "`train.method`", "Seeds", "Linear"]);
  assertEquals(cells.slice(2).map((row) => row.slice(0, 4)), [
    ["DenseJoin", "2", "dino", "2"],
    ["DenseJoin", "10", "dino", "2"],
    ["DenseJoin", "2", "byol", "2"],
    ["CNN", "–", "byol", "2"],
  ]);
  assert(/^\[\d+\.\d\]\(#probe-\S+\) ± \d/.test(cells[2][4]), cells[2][4]);
  assertStringIncludes(
    rows[3],
    "{{run train[dense-join,0] seconds}}, {{run train[dense-join,1] seconds}}",
  );
  assertStringIncludes(section, "*Sweep* over `leaves` (2, 10) and `train.method` (dino, byol)");
  assertStringIncludes(section, "Without `leaves`, and in the table alone: CNN.");
  assertStringIncludes(section, "95% intervals over seeds and test images");
});

Deno.test("the figure of a sweep shows the numbers of its table, in a file of data", async () => {
  await using report = await written({ models, seeds: [0, 1] }, { sweep, only });
  const { rows } = await readCsv(`${report.out}/figures/sweep.csv`);
  assertEquals(rows.map(({ model }) => model), sweep.map(({ model }) => model));
  const probes = report.sources.probes.filter(({ point }) => point.model === "dense-join");
  const mean = probes.reduce((sum, { meta }) => sum + meta.teacher.linear.accuracy / probes.length, 0);
  assertEquals(Number(rows[1].accuracy).toFixed(6), mean.toFixed(6));
  assert(Number(rows[1].low) < mean && mean < Number(rows[1].high));
  assertEquals(rows[3].leaves, "");
  const svg = await Deno.readTextFile(`${report.out}/figures/sweep.svg`);
  for (const title of ["DenseJoin, method dino", "DenseJoin, method byol", "Multiply-adds of an image"]) {
    assertStringIncludes(svg, `>${title}<`);
  }
  assert(!svg.includes("CNN"));
});

Deno.test("one seed of a sweep ranks nothing, and says so", async () => {
  await using report = await written({ models, seeds: [0] }, { sweep, only });
  const section = sectionOf(report.text);
  assertStringIncludes(section, "they say nothing about other seeds");
  assertStringIncludes(section, "**1 seed does not rank the values:**");
});

Deno.test("a report whose models are all variants of a sweep is a whole one", async () => {
  const variants = [sweep[0], sweep[2]];
  await using report = await written({ models: variants.map(({ model }) => model), seeds: [0] }, {
    sweep: variants,
  });
  assertEquals(sectionOf(report.text).match(/^\| DenseJoin /gm)?.length, 2);
  assert(!/undefined|NaN/.test(report.text));
});

Deno.test("without a sweep there is no section", async () => {
  await using report = await written(one);
  assert(!report.text.includes("## Sweep"));
});
