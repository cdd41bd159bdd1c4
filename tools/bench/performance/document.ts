/**
 * docs/performance.md, its figures, the README's quote of it, and the kernels' rates in docs/performance-kernel.md, as the
 * measurements make them.
 *
 * @module
 */
import { svgToPng } from "../../../treenet/figures/rasterise.ts";
import { kernelTable } from "../kernels/rates_table.ts";
import { formatted, withPart } from "./marks.ts";
import type { Measurements } from "./measurements.ts";
import { ratioFigure } from "./ratio_figure.ts";
import { scalingFigure } from "./scaling_figure.ts";
import { coresPart, peersPart, quotePart, scalingPart } from "./performance_table.ts";
import { machineText } from "./performance_words.ts";

const ROOT = new URL("../../../", import.meta.url);

/** A file and what should be in it. */
export interface Written {
  /** Relative to the repository. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Every file that the measurements decide, the parts between marks replaced. */
export async function documents(measured: Measurements): Promise<readonly Written[]> {
  const figures = {
    ratios: ratioFigure(measured.peers.entries),
    scaling: scalingFigure(measured.scaling.points),
  };
  const pictures = Object.entries(figures).map(async ([name, svg]): Promise<readonly Written[]> => [
    { path: `docs/performance/${name}.svg`, bytes: new TextEncoder().encode(svg) },
    { path: `docs/performance/${name}.png`, bytes: await svgToPng(svg) },
  ]);
  return [
    await withParts("docs/performance.md", {
      peers: peersPart(measured),
      scaling: scalingPart(measured),
      cores: coresPart(measured),
    }),
    await withParts("README.md", { performance: quotePart(measured) }),
    await withParts("docs/performance-kernel.md", {
      rates: `${kernelTable(measured.kernels)}\n\nMeasured on ${machineText(measured.kernels.machine)}.`,
    }),
    ...(await Promise.all(pictures)).flat(),
  ];
}

async function withParts(path: string, parts: Readonly<Record<string, string>>): Promise<Written> {
  const text = await Deno.readTextFile(new URL(path, ROOT));
  const filled = Object.entries(parts).reduce(
    (text, [name, content]) => withPart(text, { name, content }),
    text,
  );
  return { path, bytes: new TextEncoder().encode(await formatted(filled)) };
}

if (import.meta.main) {
  const { readMeasurements } = await import("./measurements.ts");
  for (const { path, bytes } of await documents(await readMeasurements())) {
    await Deno.writeFile(new URL(path, ROOT), bytes);
    console.log(path);
  }
}
