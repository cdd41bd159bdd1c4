import { assertEquals, assertGreater, assertNotEquals, assertRejects } from "@std/assert";
import { decodePng } from "../../../formats/png.ts";
import { svgToPng } from "../../../treenet/figures/rasterise.ts";
import { drawing, element, text } from "../../../treenet/figures/svg.ts";

const frame = (content: string) => drawing([content], { width: 60, height: 30, title: "test" });
const dark = (png: Uint8Array) => decodePng(png).data.filter((value) => value < 128).length;

Deno.test("a rectangle lands on the pixels it covers, at the scale asked for", async () => {
  const svg = frame(element("rect", { x: 10, y: 5, width: 20, height: 10, fill: "#ff0000" }));
  const { width, height, channels, data } = decodePng(await svgToPng(svg, { scale: 3 }));
  assertEquals([width, height], [180, 90]);
  const at = (x: number, y: number) => [...data.subarray((y * width + x) * channels).subarray(0, 3)];
  assertEquals([at(31, 16), at(88, 43), at(28, 16), at(91, 43)], [
    [255, 0, 0],
    [255, 0, 0],
    [255, 255, 255],
    [255, 255, 255],
  ]);
});

Deno.test("text is drawn from the package's own font, bold with more ink", async () => {
  const plain = await svgToPng(frame(text("Leaf λ", { x: 4, y: 20 })));
  const bold = await svgToPng(frame(text("Leaf λ", { x: 4, y: 20 }, { bold: true })));
  assertGreater(dark(plain), 100);
  assertGreater(dark(bold), dark(plain));
  const other = frame(text("Leaf λ", { x: 4, y: 20 })).replace("DejaVu Sans", "Some System Font");
  assertEquals(await svgToPng(other), plain);
});

Deno.test("the same drawing gives the same bytes, another drawing others", async () => {
  const svg = frame(text("a", { x: 4, y: 20 }));
  assertEquals(await svgToPng(svg), await svgToPng(svg));
  assertNotEquals(await svgToPng(svg), await svgToPng(frame(text("b", { x: 4, y: 20 }))));
});

Deno.test("what is no SVG is refused", async () => {
  await assertRejects(() => svgToPng("<html>"));
});
