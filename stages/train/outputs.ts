/**
 * What a finished run leaves: the log, and weights as PyTorch and JAX read them.
 *
 * @module
 */
import { join } from "node:path";
import { type Row, writeCsv } from "../formats/csv.ts";
import { writeSafetensors } from "../formats/safetensors.ts";
import type { Network } from "../treenet/network.ts";
import { isTrained } from "../treenet/parameters.ts";
import type { LogRow, State } from "../treenet/train.ts";
import { toPublic } from "../treenet/weights.ts";

/** Files of {@linkcode writeOutputs}. */
export const OUTPUTS = [
  "log.csv",
  "student.safetensors",
  "teacher.safetensors",
  "optimizer.safetensors",
] as const;

/** Writes a run's files into `folder`; `metadata` goes into each weights file. */
export async function writeOutputs(
  folder: string,
  { state, network, metadata }: {
    readonly state: State;
    readonly network: Network;
    readonly metadata: Readonly<Record<string, string>>;
  },
): Promise<void> {
  const [log, student, teacher, optimizer] = OUTPUTS.map((name) => join(folder, name));
  await writeLog(log, state.log);
  await writeSafetensors(student, toPublic(network.specs, state.student), metadata);
  await writeSafetensors(teacher, toPublic(network.specs, state.teacher), metadata);
  await writeSafetensors(optimizer, moments(state, network), metadata);
}

async function writeLog(path: string, log: readonly LogRow[]): Promise<void> {
  const rows = log.map((row): Row => ({
    step: row.step,
    images: row.images,
    loss: row.loss,
    lr: row.learningRate,
    weight_decay: row.weightDecay,
    momentum: row.momentum,
    teacher_entropy: row.teacherEntropy,
    kl: row.kl,
    feature_sd: row.featureSd,
  }));
  const columns = [
    "step",
    "images",
    "loss",
    "lr",
    "weight_decay",
    "momentum",
    "teacher_entropy",
    "kl",
    "feature_sd",
  ];
  await writeCsv(path, { columns, rows });
}

/** AdamW's `first.<parameter>` and `second.<parameter>`, in the parameter's own layout, and the loss's `centre`. */
function moments({ first, second, centre }: State, { specs }: Network) {
  const trained = specs.filter(isTrained);
  const named = (prefix: string, weights: State["first"]) =>
    Object.entries(toPublic(trained, weights)).map(([name, tensor]) => [`${prefix}.${name}`, tensor]);
  return {
    ...Object.fromEntries([...named("first", first), ...named("second", second)]),
    centre: { shape: [centre.length], data: centre },
  };
}
