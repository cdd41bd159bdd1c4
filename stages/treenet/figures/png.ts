/**
 * SVG → PNG, with the same bytes on every machine: resvg compiled to WebAssembly, and DejaVu Sans (regular and
 * bold) read from its npm package. No system font is ever looked at, so text in another family is not drawn.
 *
 * Needs read permission for the folders of the npm packages `@resvg/resvg-wasm` and `dejavu-fonts-ttf`.
 *
 * @module
 */
import { createRequire } from "node:module";
import { initWasm, Resvg } from "@resvg/resvg-wasm";
// Puts the font package into the module graph, so that its version is known to whoever walks it.
import fonts from "dejavu-fonts-ttf/package.json" with { type: "json" };
import { fontFamily } from "./palette.ts";

/** How {@linkcode svgToPng} draws. */
export interface PngOptions {
  /** Pixels of the PNG per unit of the SVG. @default 2 */
  readonly scale?: number;
  /** CSS colour below the drawing. @default "white" */
  readonly background?: string;
}

/**
 * Draws an SVG document.
 *
 * @throws {Error} if `svg` is not a well-formed SVG document
 *
 * @example
 * ```ts
 * import { svgToPng } from "./png.ts";
 * const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="4" height="2"><rect width="4" height="2"/></svg>`;
 * const png = await svgToPng(svg, { scale: 1 });
 * ```
 */
export async function svgToPng(svg: string, options: PngOptions = {}): Promise<Uint8Array> {
  const { scale = 2, background = "white" } = options;
  const fontBuffers = await (ready ??= load());
  const drawing = new Resvg(svg, {
    background,
    fitTo: { mode: "zoom", value: scale },
    font: { fontBuffers: [...fontBuffers], defaultFontFamily: fontFamily, sansSerifFamily: fontFamily },
  });
  try {
    const image = drawing.render();
    try {
      return image.asPng();
    } finally {
      image.free();
    }
  } finally {
    drawing.free();
  }
}

let ready: Promise<readonly Uint8Array[]> | undefined;

/** resvg can be initialised only once a process. */
async function load(): Promise<readonly Uint8Array[]> {
  await initWasm(await packageFile("@resvg/resvg-wasm/index_bg.wasm"));
  return await Promise.all(
    ["DejaVuSans", "DejaVuSans-Bold"].map((face) => packageFile(`${fonts.name}/ttf/${face}.ttf`)),
  );
}

/** A file of an npm package, wherever this runtime keeps packages. */
function packageFile(specifier: string): Promise<Uint8Array<ArrayBuffer>> {
  return Deno.readFile(createRequire(import.meta.url).resolve(specifier));
}
