/**
 * Views of one training, through the commands of the README.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { Checkout } from "../fixtures/checkout.ts";
import { addTinyProfile } from "../fixtures/tiny_profile.ts";

const VIEWS = { globals: { count: 2, size: 24, scale: [0.5, 1] }, locals: { count: 0 } };

Deno.test("a variant with train.views becomes what its model is in a profile whose augment-cache has them", async () => {
  await using checkout = await Checkout.create();
  const { data } = await addTinyProfile(checkout);
  const tiny = JSON.parse(await checkout.read("profiles/tiny.json"));
  const { cnn } = tiny.models, { rounds: _, ...cache } = tiny["augment-cache"];
  const profiles = {
    own: { ...tiny, models: { cnn: { ...cnn, train: { views: VIEWS } } } },
    shared: { ...tiny, models: { cnn }, "augment-cache": { ...cache, rounds: 2, ...VIEWS } },
  };
  const digests: Record<string, string> = {};
  for (const [name, profile] of Object.entries(profiles)) {
    await Deno.writeTextFile(`${checkout.dir}/profiles/${name}.json`, JSON.stringify(profile));
    const run = ["train[cnn,0]", "--profile", name, "--source", data];
    const { code, stderr } = await checkout.task("stage", ...run);
    assertEquals(code, 0, stderr);
    const { stdout } = await checkout.task("status", "--profile", name, "--json");
    const status: readonly { readonly id: string; readonly digest: string }[] = JSON.parse(stdout);
    digests[name] = status.find(({ id }) => id === "train[cnn,0]")!.digest;
  }
  assertEquals(digests.own, digests.shared);
});
