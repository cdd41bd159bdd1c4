/**
 * `describe`: the sizes of a profile's models, as Table 1 counts them, and how long the profile takes on this machine.
 *
 * @module
 */
import { z } from "zod";
import type { ProfileOutlook } from "./describe/times.ts";
import { aligned, timesTable } from "./describe/times_table.ts";
import { loadModel } from "./treenet/models.ts";

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

/** Counts without drawing a weight. An unknown model or a wrong configuration is an error that names it. */
export async function describe(profile: DescribedProfile): Promise<readonly Description[]> {
  const { buildEncoder, buildNetwork, sizeOfNetwork } = await import("./treenet/network.ts");
  const { methods, trainParams } = await import("./train/params.ts");
  const params = trainParams.parse({ ...profile.train, model: "", seed: 0 });
  return await Promise.all(
    Object.entries(profile.models).map(async ([model, architecture]) => {
      const network = await named(
        model,
        async () =>
          buildNetwork(buildEncoder(await loadModel(model), architecture), methods[params.method], params),
      );
      return { model, ...sizeOfNetwork(network) };
    }),
  );
}

/** What is wanted of {@linkcode run}. */
export interface DescribeOptions {
  /** JSON instead of tables. */
  readonly json: boolean;
  /** Sizes. */
  readonly sizes: boolean;
  /** Asked for times where those are wanted. */
  readonly outlook?: () => Promise<ProfileOutlook>;
}

/** The command: prints tables, or JSON. */
export async function run(
  profile: DescribedProfile,
  { json, sizes, outlook }: DescribeOptions,
): Promise<void> {
  if (sizes) {
    const rows = await describe(profile);
    console.log(json ? JSON.stringify(rows, null, 2) : table(rows));
  }
  if (outlook === undefined) return;
  const { timesOf } = await import("./describe/times.ts");
  const times = await timesOf(await outlook());
  if (sizes) console.log();
  console.log(json ? JSON.stringify(times, null, 2) : timesTable(times).join("\n"));
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
  return aligned([HEADINGS, ...cells]).join("\n");
}
