import { assertEquals, assertStringIncludes } from "@std/assert";
import { scatterOfChange } from "../../../treenet/figures/change_scatter.ts";
import { colourOf, heatMaps } from "../../../treenet/figures/heat_map.ts";

const count = (svg: string, part: string | RegExp) => svg.split(part).length - 1;

Deno.test("a cell is white at the start of its scale, strongest at its end and beyond, and grey where it is noise", () => {
  const scale = { from: 0, to: 0.2 };
  assertEquals([0, 0.2, 0.7].map((value) => colourOf(value, scale)), ["#ffffff", "#00599d", "#00599d"]);
  assertEquals(colourOf(-0.2, scale), "#be6700");
  const svg = heatMaps([{
    title: "A",
    names: ["leaf 0"],
    maps: [{ title: "gain", cells: [[{ value: 0.2 }, { value: 0.2, known: false }]], ...scale }],
  }], { columns: ["cat", "dog"], title: "gains" });
  assertEquals([count(svg, "#00599d"), count(svg, "#dddddd")], [1, 1]);
});

Deno.test("every change is a point, in per cent", () => {
  const changes = [{ title: "A", before: 0.2, after: 0.4 }, { title: "B", before: 0.3, after: 0.3 }];
  const svg = scatterOfChange(changes, { title: "leaves", unit: "per cent" });
  assertEquals(count(svg, "<circle"), 2);
  assertStringIncludes(svg, ">40<");
});
