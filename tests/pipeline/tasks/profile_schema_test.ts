import { assertEquals } from "@std/assert";
import { checkedTasks, loadProfile } from "../../../pipeline/mod.ts";
import { pipeline } from "../../../workflow/mod.ts";

const profiles = new URL("../../../profiles/", import.meta.url);

Deno.test("profiles/profile.schema.json is what deno task schema writes", async () => {
  const written = JSON.parse(await Deno.readTextFile(new URL("profile.schema.json", profiles)));
  assertEquals(written, await pipeline.schema());
});

Deno.test("every profile names its schema, and its settings are right and go together", async () => {
  for await (const { name } of Deno.readDir(profiles)) {
    if (!name.endsWith(".json") || name.endsWith(".schema.json")) continue;
    const profile = JSON.parse(await Deno.readTextFile(new URL(name, profiles)));
    assertEquals(profile.$schema, "./profile.schema.json", name);
    const loaded = await loadProfile(pipeline, { name: name.slice(0, -".json".length), overrides: [] });
    await checkedTasks(pipeline, loaded);
  }
});

Deno.test("every object inside a stage's or a model's parameters refuses fields that it does not know", async () => {
  const open: string[] = [];
  const walk = (node: unknown, path: string) => {
    if (typeof node !== "object" || node === null) return;
    if ("properties" in node && !("additionalProperties" in node)) open.push(path);
    for (const [name, inner] of Object.entries(node)) walk(inner, `${path}/${name}`);
  };
  walk(await pipeline.schema(), "");
  assertEquals(open, []);
});
