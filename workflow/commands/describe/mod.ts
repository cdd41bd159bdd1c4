/**
 * The sizes of a profile's models, as Table 1 counts them.
 *
 * @module
 */
import { z } from "zod";
import type { ProfileData } from "../../../pipeline/mod.ts";
import { loadModel } from "../../../treenet/models.ts";
import { merged, variantsOf } from "../../variants.ts";

/** One model. */
export interface Description {
  readonly model: string;
  readonly encoderParameters: number;
  /** Parameters including the projection head and the fixed gains of its last layer. */
  readonly parametersWithHead: number;
  /** Convolution and linear weights of the encoder, applied to one 32 × 32 image. */
  readonly multiplyAdds: number;
}

/** The parts of a profile that decide sizes. */
export interface DescribedProfile {
  readonly models: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly train?: ProfileData;
}

/** Counts without drawing a weight. An unknown model or a wrong configuration is an error that names it. */
export async function describe(
  { models, train }: DescribedProfile,
  /** Names that are sections of a model, not fields of its type. */
  stages: readonly string[] = [],
): Promise<readonly Description[]> {
  const { buildEncoder, buildNetwork, sizeOfNetwork } = await import("../../../treenet/network.ts");
  const { methods, trainParams } = await import("../../../stages/train/params.ts");
  return await Promise.all(
    Object.entries(variantsOf(models, stages)).map(async ([model, { type, architecture, sections }]) => {
      const section = merged(train ?? {}, sections.train ?? {}) as ProfileData;
      const network = await named(model, async () => {
        const params = trainParams.parse({ ...section, model, seed: 0 });
        return buildNetwork(
          buildEncoder(await loadModel(type), architecture),
          methods[params.method],
          params,
        );
      });
      return { model, ...sizeOfNetwork(network) };
    }),
  );
}

async function named<T>(model: string, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (cause) {
    const found = cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message;
    throw new Error(`Cannot describe model "${model}": ${found}, correct its section of the profile`, {
      cause,
    });
  }
}

const HEADINGS = ["model", "encoder", "with head", "multiply-adds"];

/** Sizes as a table, a row a model. */
export function sizesTable(rows: readonly Description[]): string {
  const cells = rows.map((row) => [
    row.model,
    ...[row.encoderParameters, row.parametersWithHead, row.multiplyAdds].map((n) =>
      n.toLocaleString("en-US")
    ),
  ]);
  return aligned([HEADINGS, ...cells]);
}

/** Lines of columns of one width; the first to the left, numbers to the right. */
export function aligned(lines: readonly (readonly string[])[]): string {
  const widths = lines[0].map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  return lines.map((line) =>
    line.map((cell, i) => i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])).join("  ")
  ).join("\n");
}
