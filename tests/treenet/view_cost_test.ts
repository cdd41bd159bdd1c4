import { assertEquals } from "@std/assert";
import paper from "../../profiles/paper.json" with { type: "json" };
import cpu from "../../profiles/cpu.json" with { type: "json" };
import quick from "../../profiles/quick.json" with { type: "json" };
import { buildEncoder } from "../../stages/treenet/network.ts";
import type { Model } from "../../stages/treenet/types.ts";
import { type Architecture, viewMultiplyAdds } from "../../stages/treenet/view_cost.ts";

const models = new URL("../../stages/treenet/models/", import.meta.url);
const variants: Readonly<Record<string, readonly Architecture[]>> = {
  "dense-join": [{ extraLinear: true, joinWidths: [40, 24] }, { leafSize: 20, kernel: 3, leaves: 3 }],
  "avg-join": [{ extraLinear: true, leaves: 5, leafSize: 48 }],
  "cnn": [{ channels: [8, 4], strides: [2, 3], leafSize: 7 }],
  "resnet50": [{ maxPool: false, mlp: [256, 128] }, { width: 8 }],
  "random-leaves": [{ joinWidths: [8] }],
};

for (const { name } of [...Deno.readDirSync(models)].sort((a, b) => a.name < b.name ? -1 : 1)) {
  const model = name.slice(0, -".ts".length).replaceAll("_", "-");
  Deno.test(`the cost of a view is what the encoder of ${model} counts itself, at every size`, async () => {
    const module = await import(new URL(name, models).href) as { readonly default: Model };
    const inProfiles = [paper, cpu, quick]
      .map(({ models }) => (models as Readonly<Record<string, Architecture>>)[model])
      .filter((architecture) => architecture !== undefined);
    for (const architecture of [...inProfiles, ...variants[model]]) {
      const encoder = buildEncoder(module.default, architecture);
      for (const pixels of [32, 13, 16, 24, 31]) {
        assertEquals(
          viewMultiplyAdds(model, { architecture, pixels }),
          encoder.multiplyAdds(pixels),
          `${JSON.stringify(architecture)} at ${pixels} pixels`,
        );
      }
    }
  });
}

Deno.test("the cost of a view of a model that nobody counted is not made up", () => {
  assertEquals(viewMultiplyAdds("brand-new", { architecture: {}, pixels: 32 }), undefined);
});
