import { assertEquals, assertRejects } from "@std/assert";
import { describe } from "../../../workflow/commands/describe/mod.ts";

Deno.test("describe counts the paper profile as the recipe does", async () => {
  const profile = JSON.parse(
    await Deno.readTextFile(new URL("../../../profiles/paper.json", import.meta.url)),
  );
  assertEquals(
    (await describe(profile)).map((
      row,
    ) => [row.model, row.encoderParameters, row.parametersWithHead, row.multiplyAdds]),
    [
      ["dense-join", 2_113_920, 23_941_760, 515_017_728],
      ["avg-join", 957_184, 22_785_024, 513_870_848],
      ["cnn", 2_915_052, 24_742_892, 2_071_315_328],
      ["resnet50", 23_508_032, 49_268_032, 83_410_944],
      ["random-leaves", 2_113_920, 23_941_760, 515_017_728],
    ],
  );
});

Deno.test("describe counts the heads of the profile's method", async () => {
  const head = { hidden: 30, bottleneck: 20 };
  const [row] = await describe({ models: { cnn: {} }, train: { method: "byol", head } });
  const mlp = (inputs: number) => (inputs + 1) * 30 + 2 * 30 + (30 + 1) * 20;
  assertEquals(row.parametersWithHead - row.encoderParameters, mlp(128) + mlp(20));
});

Deno.test("describe names the model whose configuration is wrong", async () => {
  await assertRejects(
    () => describe({ models: { cnn: { chanels: [1] } } }),
    Error,
    'Cannot describe model "cnn"',
  );
});
