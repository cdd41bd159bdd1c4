/**
 * A new stage is one folder and its name in a profile, its section of the report included: the files below are added to
 * a copy of the repository, and everything that could object to them is asked.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { writeTinyCifar } from "../fixtures/tiny_cifar.ts";
import { Checkout } from "../fixtures/checkout.ts";

const FILES = {
  "mod.ts": `/**
 * Numbers of test images of each class that a teacher was judged on.
 *
 * @module
 */
import { defineStage } from "../../pipeline/stage.ts";
import emaTeacher from "../ema_teacher/mod.ts";
import { params } from "./params.ts";
import type { run } from "./run.ts";

/** Files that the section reads. */
export const sectionReads = ["counts.csv"];

export default defineStage<typeof run>({
  name: "class-counts",
  run: new URL("./run.ts", import.meta.url).href,
  axes: ["model", "seed"],
  inputs: { teacher: emaTeacher },
  reads: { teacher: ["labels_test.npy"] },
  params,
  outputs: ["counts.csv"],
});
`,
  "params.ts": `/**
 * Parameters of the count, and the numbers it finds.
 *
 * @module
 */
import { z } from "zod";

export const params = z.strictObject({
  model: z.string(),
  seed: z.int().min(0),
  classes: z.int().min(1).max(10).default(10).describe("Classes to count, from the first on"),
});

export type ClassCountsParams = z.infer<typeof params>;

export interface ClassCountsMeta {
  /** Test images of each class. */
  readonly counts: readonly number[];
}
`,
  "run.ts": `/**
 * Counts the test images of each class.
 *
 * @module
 */
import { join } from "node:path";
import type { Artifact, Context } from "../../pipeline/stage.ts";
import { writeCsv } from "../../formats/csv.ts";
import { readNpy } from "../../formats/npy.ts";
import type { ClassCountsMeta, ClassCountsParams } from "./params.ts";

/** Writes the artifact's files. */
export async function run(
  { out }: Context,
  { classes }: ClassCountsParams,
  { teacher }: { readonly teacher: Artifact<unknown> },
): Promise<ClassCountsMeta> {
  const { data: labels } = await readNpy(join(teacher.dir, "labels_test.npy"), "uint8");
  const count = (label: number) => labels.filter((each) => each === label).length;
  const counts = Array.from({ length: classes }, (_, label) => count(label));
  const rows = counts.map((images, label) => ({ label, images }));
  await writeCsv(join(out, "counts.csv"), { columns: ["label", "images"], rows });
  return { counts };
}
`,
  "section.ts": `/**
 * The classes behind the test images, as a table and a figure.
 *
 * @module
 */
import { image, joined, table } from "../../formats/markdown.ts";
import { alternatives, from, type Section, seedOf } from "../section.ts";
import { drawing, element } from "../../treenet/figures/svg.ts";
import type { ClassCountsMeta } from "./params.ts";

export default {
  order: 80,
  async write(artifacts, page) {
    const [{ meta: { counts } }] = artifacts;
    const bars = counts.map((height, x) => element("rect", { x: 10 * x, y: 0, width: 8, height }));
    const picture = await page.draw("class_counts", {
      svg: drawing(bars, { width: 100, height: Math.max(...counts), title: "Test images of each class" }),
      columns: ["label", "images"],
      rows: counts.map((images, label) => ({ label, images })),
    });
    const rows = artifacts.map((artifact) => [
      page.title(artifact),
      String(seedOf(artifact)),
      from(artifact.task, artifact.meta.counts.join(", ")),
    ]);
    return joined([
      "## Classes of the test images",
      image("Test images of each class", picture.png),
      \`*Classes.* Test images of each class.\${alternatives(picture)}\`,
      table(["Type", "Seed", "Images"], rows),
    ]);
  },
} satisfies Section<ClassCountsMeta>;
`,
} as const;

const folder = "stages/class_counts";

interface Verdict {
  readonly checks: readonly {
    readonly name: string;
    readonly state: string;
    readonly findings: readonly unknown[];
  }[];
}

Deno.test("a stage is one folder with its section of the report, and its name in a profile", async (t) => {
  await using checkout = await Checkout.create();
  const source = `${checkout.dir}/tiny-cifar`;
  await Deno.mkdir(source);
  const shared = {
    $schema: "./profile.schema.json",
    summary: "For tests",
    seeds: [0],
    models: { cnn: { channels: [4, 4], strides: [2, 1], leafSize: 4 } },
    "download": { md5: await writeTinyCifar(source, { perBatch: 60 }) },
    "augment-cache": { images: 32, rounds: 1, locals: { count: 1 } },
    "train": {
      ...{ epochs: 1, images: 32, batch: 16, microBatch: 8, warmupSteps: 1, freezeSteps: 1 },
      head: { hidden: 8, bottleneck: 4, prototypes: 16 },
    },
    "ema-teacher": { trainImages: 200, testImages: 20 },
    "probe": { l2: { count: 2 }, tolerance: 1e-3, neighbours: [5, 20], released: { seeds: [0, 1] } },
    "report": {},
  };
  await addProfile(checkout, "before", shared);
  await addProfile(checkout, "mine", { ...shared, "class-counts": { classes: 3 } });
  await checkout.reproduce("--profile", "before", "--source", source);
  const report = () => checkout.read("reports/before/REPORT.md");
  const before = await report();

  await Deno.mkdir(`${checkout.dir}/${folder}`);
  for (const [name, text] of Object.entries(FILES)) {
    await Deno.writeTextFile(`${checkout.dir}/${folder}/${name}`, text);
  }

  await t.step("a report of a profile without it stays fresh", async () => {
    const { built } = await checkout.reproduce("--profile", "before", "--source", source);
    assertEquals([built, await report()], [[], before]);
  });

  await t.step("the report of a profile with it shows the section, and the stage in the graph", async () => {
    const { built } = await checkout.reproduce("--profile", "mine", "--source", source);
    assertEquals(built, ["class-counts[cnn,0]", "report"]);
    const text = await checkout.read("reports/mine/REPORT.md");
    assertStringIncludes(text, "\n## Classes of the test images\n");
    assertStringIncludes(text, "| CNN | 0 | [2, 2, 2](#class-counts-cnn-0) |");
    assertStringIncludes(text, "ema_teacher_cnn_0 --> class_counts_cnn_0");
    assertStringIncludes(text, '<a id="class-counts-cnn-0"></a>');
    assert(text.indexOf("## Training curves") < text.indexOf("## Classes of the test images"));
    const counts = await checkout.read("reports/mine/figures/class_counts.csv");
    assertEquals(counts, "label,images\n0,2\n1,2\n2,2\n");
  });

  await t.step("an edit of its section makes the report anew and nothing else", async () => {
    await checkout.edit(`${folder}/section.ts`, "*Classes.*", "*Counts.*");
    const { built } = await checkout.reproduce("--profile", "mine", "--source", source);
    assertEquals(built, ["report"]);
    assertStringIncludes(await checkout.read("reports/mine/REPORT.md"), "*Counts.* Test images");
  });

  await t.step("an archive draws the report again, by the section of ours or by the packed one", async () => {
    const archived = await checkout.task("archive", "--profile", "mine", "--json");
    assertEquals(archived.code, 0, archived.stderr);
    const { path } = JSON.parse(archived.stdout);
    const states = async (...flags: string[]) => {
      const { stdout, stderr } = await checkout.task("verify", path, "--json", ...flags);
      assert(stdout.startsWith("{"), stderr);
      const { checks } = JSON.parse(stdout) as Verdict;
      return checks.map(({ name, state, findings }) => [name, state, findings]).slice(-2);
    };
    const sound = [["keys", "sound", []], ["report", "sound", []]];
    assertEquals(await states(), sound);
    await checkout.edit(`${folder}/section.ts`, "*Counts.*", "*Numbers.*");
    assertEquals((await states())[1].slice(0, 2), ["report", "skipped"]);
    assertEquals(await states("--replay"), sound);
  });

  await t.step("types, format and rules of the house have nothing to object", async () => {
    const files = Object.keys(FILES).map((name) => `${folder}/${name}`);
    for (const command of [["check"], ["fmt", "--check"], ["lint"]]) {
      await deno(checkout, [...command, ...files]);
    }
  });

  await t.step("tests of profiles, documents and the report pass as before", async () => {
    assertEquals((await checkout.task("schema")).code, 0);
    const suites = [
      "tests/pipeline/tasks/profile_schema_test.ts",
      "tests/stages/report/documentation_test.ts",
      "tests/stages/report/report_test.ts",
    ];
    await deno(checkout, ["test", "--no-prompt", "-A", "--frozen", "--no-check", ...suites]);
  });
});

async function addProfile(checkout: Checkout, name: string, fields: Readonly<Record<string, unknown>>) {
  await Deno.writeTextFile(`${checkout.dir}/profiles/${name}.json`, JSON.stringify(fields));
}

async function deno(checkout: Checkout, args: readonly string[]): Promise<void> {
  const options = { args: [...args], cwd: checkout.dir, env: { NO_COLOR: "1" } };
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), options).output();
  const text = new TextDecoder();
  const said = `${text.decode(stderr)}\n${text.decode(stdout).slice(-4000)}`;
  assertEquals(code, 0, `deno ${args[0]} failed:\n${said}`);
}
