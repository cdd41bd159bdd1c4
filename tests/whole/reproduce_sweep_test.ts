/**
 * A sweep through the commands of the guide, in real child processes, on generated images.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Checkout } from "../fixtures/checkout.ts";
import { addTinyProfile } from "../fixtures/tiny_profile.ts";

const SWEEP = ["--sweep", "models.cnn.leafSize=8,16", "--sweep", "train.method=dino,byol"];
const MODELS = ["cnn+leafSize=8", "cnn+leafSize=8+method=byol", "cnn", "cnn+method=byol"];

/** The tiny profile with one model and the stages behind Table 1. */
async function addSmallest(checkout: Checkout): Promise<string> {
  const { data } = await addTinyProfile(checkout);
  const path = `${checkout.dir}/profiles/tiny.json`;
  const { models: { cnn }, controls: _, saliency: _s, umap: _u, curve: _c, "layer-probe": _l, ...rest } = JSON
    .parse(await Deno.readTextFile(path));
  await Deno.writeTextFile(path, JSON.stringify({ ...rest, models: { cnn } }));
  return data;
}

Deno.test("a sweep", async (t) => {
  await using checkout = await Checkout.create();
  const data = await addSmallest(checkout);
  const tiny = ["--profile", "tiny"];

  await t.step("builds every variant and what they share once", async () => {
    const { built, failed } = await checkout.reproduce(...tiny, "--source", data, ...SWEEP);
    assertEquals(failed, []);
    const of = (stage: string) => built.filter((id) => id.startsWith(stage));
    assertEquals([of("download").length, of("augment-cache").length, of("report").length], [1, 1, 1]);
    assertEquals(of("train").toSorted(), MODELS.map((model) => `train[${model},0]`).toSorted());
  });

  await t.step("has a report of its own with a table, a figure and the command", async () => {
    const folders = [...Deno.readDirSync(`${checkout.dir}/reports`)].map(({ name }) => name);
    assertEquals(folders.length, 1);
    assert(
      folders[0].startsWith("tiny+sweep=models.cnn.leafSize=8,16+sweep=train.method=dino,byol"),
      folders[0],
    );
    const report = await checkout.read(`reports/${folders[0]}/REPORT.md`);
    const section = report.split("## Sweep\n")[1].split("\n## ")[0];
    assertEquals(section.match(/^\| CNN \| (8|16) \| (dino|byol) \| 1 \|/gm)?.length, 4);
    assertEquals(section.includes("{{"), false);
    assert((await Deno.stat(`${checkout.dir}/reports/${folders[0]}/figures/sweep.png`)).size > 0);
    assertStringIncludes(report, "--sweep models.cnn.leafSize=8,16 --sweep train.method=dino,byol");
  });

  await t.step("is found by every command that knows its flags", async () => {
    const status = await checkout.task("status", "--json", ...tiny, ...SWEEP);
    const states: readonly { readonly id: string; readonly state: string }[] = JSON.parse(status.stdout);
    assertEquals(states.filter(({ state }) => state !== "fresh"), []);
    const why = await checkout.task("why", "train[cnn+method=byol,0]", ...tiny, ...SWEEP);
    assertStringIncludes(why.stdout, "fresh");
    const graph = await checkout.task("graph", ...tiny, ...SWEEP);
    for (const model of MODELS) assertStringIncludes(graph.stdout, `train[${model},0]`);
    const again = await checkout.task("stage", "probe[cnn+leafSize=8,0]", ...tiny, ...SWEEP);
    assertEquals(again.code, 0, again.stderr);
  });

  await t.step("shares the model that it does not change with the profile", async () => {
    assertEquals((await checkout.reproduce(...tiny, "--source", data)).built, ["report"]);
    const report = await checkout.read("reports/tiny/REPORT.md");
    assert(!report.includes("## Sweep"));
  });

  await t.step("in another order is the same", async () => {
    const [a, b, c, d] = SWEEP;
    assertEquals((await checkout.reproduce(...tiny, "--source", data, c, d, a, b)).built, []);
  });
});
