/**
 * SVG → PNG, with the same bytes on every machine: resvg compiled to WebAssembly, and DejaVu Sans (regular
 * and bold) read from its npm package. System fonts are never read, so text in another family is not drawn.
 *
 * It needs read permission for the folders of the npm packages `@resvg/resvg-wasm` and `dejavu-fonts-ttf`;
 * the engine learns this from their file names written out in calls of `require.resolve`.
 *
 * @module
 */
import { createRequire } from "node:module";
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import { fontFamily } from "./palette.ts";

/** Options of {@linkcode svgToPng}. */
export interface PngOptions {
  /** Pixels of the PNG per unit of the SVG. @default 2 */
  readonly scale?: number;
}

/**
 * Draws an SVG document.
 *
 * @throws {Error} if `svg` is not a well-formed SVG document
 *
 * @example
 * ```ts
 * import { svgToPng } from "./rasterise.ts";
 * const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="4" height="2"><rect width="4" height="2"/></svg>`;
 * const png = await svgToPng(svg, { scale: 1 });
 * ```
 */
export async function svgToPng(svg: string, options: PngOptions = {}): Promise<Uint8Array> {
  const { scale = 2 } = options;
  const fontBuffers = await (ready ??= load());
  const drawing = new Resvg(svg, {
    background: "white",
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

const require = createRequire(import.meta.url);

/** Initialises resvg, which is possible only once a process, and reads the fonts. */
async function load(): Promise<readonly Uint8Array[]> {
  await initWasm(await Deno.readFile(require.resolve("@resvg/resvg-wasm/index_bg.wasm")));
  return await Promise.all([
    Deno.readFile(require.resolve("dejavu-fonts-ttf/ttf/DejaVuSans.ttf")),
    Deno.readFile(require.resolve("dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf")),
  ]);
}
