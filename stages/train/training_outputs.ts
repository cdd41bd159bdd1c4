/**
 * A finished run leaves the log, and weights as PyTorch and JAX read them.
 *
 * @module
 */
import { join } from "node:path";
import { type Row, writeCsv } from "../../formats/csv.ts";
import { writeSafetensors } from "../../formats/safetensors.ts";
import type { Network } from "../../treenet/network.ts";
import { isTrained, type Weights } from "../../treenet/nn/parameters.ts";
import type { LogRow } from "../../treenet/log.ts";
import type { State } from "../../treenet/state.ts";

import { toPublic } from "../../treenet/nn/weights.ts";

/** Files of {@linkcode writeOutputs}. */
const OUTPUTS = [
  "log.csv",
  "student.safetensors",
  "teacher.safetensors",
  "optimizer.safetensors",
] as const;

/** Folder of the snapshots, of which a run may have none: `<images seen>.safetensors` each. */
export const SNAPSHOTS = "snapshots";

/** A run, and what its files say of it. */
interface Finished {
  readonly state: State;
  readonly network: Network;
  /** Images a step. */
  readonly batch: number;
  /** Metadata of each weights file, beside `step`. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Writes a run's files into `folder`. */
export async function writeOutputs(folder: string, run: Finished): Promise<void> {
  const { state, network } = run;
  const metadata = { ...run.metadata, step: String(state.step) };
  const [log, student, teacher, optimizer] = OUTPUTS.map((name) => join(folder, name));
  await writeLog(log, state.log);
  await writeSafetensors(student, toPublic(network.specs, state.student), metadata);
  await writeSafetensors(teacher, toPublic(network.teacherSpecs, state.teacher), metadata);
  await writeSafetensors(optimizer, moments(state, network), metadata);
  await writeSnapshots(join(folder, SNAPSHOTS), run);
}

async function writeSnapshots(folder: string, { state, network, batch, metadata }: Finished): Promise<void> {
  if (state.snapshots.length > 0) await Deno.mkdir(folder);
  for (const { step, encoder } of state.snapshots) {
    const tensors = toPublic(network.encoder.specs, encoder);
    const path = join(folder, `${step * batch}.safetensors`);
    await writeSafetensors(path, tensors, { ...metadata, step: String(step) });
  }
}

/** Columns of log.csv, in order. */
const COLUMNS = {
  step: "step",
  images: "images",
  loss: "loss",
  lr: "learningRate",
  weight_decay: "weightDecay",
  momentum: "momentum",
  teacher_entropy: "teacherEntropy",
  kl: "kl",
  feature_sd: "featureSd",
  rankme: "rankMe",
  leaf_cosine: "leafCosine",
} as const satisfies Readonly<Record<string, keyof LogRow>>;

/** A number that was not measured becomes an empty field. */
async function writeLog(path: string, log: readonly LogRow[]): Promise<void> {
  const rows = log.map((row): Row =>
    Object.fromEntries(
      Object.entries(COLUMNS).map((
        [column, field],
      ) => [column, Number.isNaN(row[field]) ? null : row[field]]),
    )
  );
  await writeCsv(path, { columns: Object.keys(COLUMNS), rows });
}

/** AdamW's `first.<parameter>` and `second.<parameter>`, in the parameter's own layout, and the method's state. */
function moments({ first, second, method }: State, { specs }: Network) {
  const trained = specs.filter(isTrained);
  const named = (prefix: string, weights: Weights) =>
    Object.entries(toPublic(trained, weights)).map(([name, tensor]) => [`${prefix}.${name}`, tensor]);
  const own = Object.entries(method).map(([name, data]) => [name, { shape: [data.length], data }]);
  return Object.fromEntries([...named("first", first), ...named("second", second), ...own]);
}
