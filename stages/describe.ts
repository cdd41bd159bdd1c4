/**
 * `describe`: the sizes of a profile's models, as Table 1 counts them.
 *
 * @module
 */
import { z } from "zod";
import type { Method } from "./treenet/method.ts";
import type { Model } from "./treenet/types.ts";

/** One model. */
export interface Description {
  readonly model: string;
  readonly encoderParameters: number;
  /** With projection head and the fixed gains of its last layer. */
  readonly parametersWithHead: number;
  /** Convolution and linear weights of the encoder, applied to one 32 × 32 image. */
  readonly multiplyAdds: number;
}

/** The parts of a profile that decide sizes. */
export interface DescribedProfile {
  readonly models: Readonly<Record<string, unknown>>;
  readonly train?: Readonly<Record<string, unknown>>;
}

export const help = `deno task describe [--profile P] [--json]

Prints the size of every model of a profile: parameters of the encoder and with the projection head, and
multiply-adds of the encoder for one 32 × 32 image.

  --profile P  a file of profiles/ [default: quick]
  --json       an array of {model, encoderParameters, parametersWithHead, multiplyAdds}`;

/** Counts without drawing a weight. An unknown model or a wrong configuration is an error that names it. */
export async function describe(profile: DescribedProfile): Promise<readonly Description[]> {
  const { buildEncoder, buildNetwork, sizeOfNetwork } = await import("./treenet/network.ts");
  const { headParams } = await import("./train/params.ts");
  const head = headParams.parse(profile.train?.head ?? {});
  const method = await loadMethod(String(profile.train?.method ?? "dino"));
  return await Promise.all(
    Object.entries(profile.models).map(async ([model, architecture]) => {
      const network = await named(
        model,
        async () => buildNetwork(buildEncoder(await load(model), architecture), head, { method }),
      );
      return { model, ...sizeOfNetwork(network) };
    }),
  );
}

/** The command: prints a table, or JSON. */
export async function run(
  profile: DescribedProfile,
  { json }: { readonly json: boolean },
): Promise<void> {
  const rows = await describe(profile);
  console.log(json ? JSON.stringify(rows, null, 2) : table(rows));
}

async function load(model: string): Promise<Model> {
  const file = new URL(`./treenet/models/${model.replaceAll("-", "_")}.ts`, import.meta.url);
  return (await import(file.href)).default;
}

async function loadMethod(method: string): Promise<Method> {
  return (await import(new URL(`./treenet/methods/${method}.ts`, import.meta.url).href)).default;
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

function table(rows: readonly Description[]): string {
  const cells = rows.map((row) => [
    row.model,
    ...[row.encoderParameters, row.parametersWithHead, row.multiplyAdds].map((n) =>
      n.toLocaleString("en-US")
    ),
  ]);
  const widths = HEADINGS.map((heading, i) =>
    Math.max(heading.length, ...cells.map((line) => line[i].length))
  );
  const format = (line: readonly string[]) =>
    line.map((cell, i) => i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])).join("  ");
  return [HEADINGS, ...cells].map(format).join("\n");
}
