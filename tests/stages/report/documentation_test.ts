import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import paper from "../../../profiles/paper.json" with { type: "json" };
import { describe } from "../../../workflow/commands/describe/mod.ts";
import { pipeline } from "../../../workflow/mod.ts";

const root = new URL("../../../", import.meta.url);

Deno.test("docs/artifacts.md has a section for every stage of the paper profile, which names every file the stage must write", async () => {
  const text = await Deno.readTextFile(new URL("docs/artifacts.md", root));
  const sections = new Map(text.split(/^## /m).slice(1).map((section) => [section.split("\n")[0], section]));
  for (const name of pipeline.stages().filter((name) => name in paper)) {
    const stage = await pipeline.load(name);
    const section = sections.get(stage.name);
    assert(section !== undefined, `no section ${stage.name}`);
    for (const file of stage.outputs) {
      assertStringIncludes(section, `\`${file}\``, `${stage.name} writes ${file}`);
    }
  }
});

Deno.test("the table of sizes in docs/recipe.md is what the code counts for the paper profile", async () => {
  const text = await Deno.readTextFile(new URL("docs/recipe.md", root));
  const described = await describe(paper);
  assertEquals(described.length, 5);
  for (const { model, encoderParameters, parametersWithHead, multiplyAdds } of described) {
    const cells = new RegExp(`^\\| \`${model}\` +\\| +([\\d,]+) \\| +([\\d,]+) \\| +([\\d,]+) \\|$`, "m")
      .exec(text);
    const counts = cells?.slice(1).map((cell) => Number(cell.replaceAll(",", "")));
    assertEquals(counts, [encoderParameters, parametersWithHead, multiplyAdds], model);
  }
});
