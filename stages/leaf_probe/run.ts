/**
 * Encodes the judged images with both networks, and judges the outputs of all leaves.
 *
 * @module
 */
import { join } from "node:path";
import type { Artifact, Context } from "../../pipeline/stage.ts";
import { readCifar } from "../../formats/cifar.ts";
import { writeNpy } from "../../formats/npy.ts";
import { readSafetensors } from "../../formats/safetensors.ts";
import { encode } from "../../treenet/nn/features.ts";
import { buildEncoder } from "../../treenet/network.ts";
import { type Backend, loadOps } from "../../treenet/ops/mod.ts";
import type { Weights } from "../../treenet/nn/parameters.ts";
import { type Judged as Probed, linearProbe, type LinearResult } from "../../treenet/probe/evaluation.ts";
import type { LabelledFeatures } from "../../treenet/probe/feature_rows.ts";
import { type Judged, judgedImages } from "../../treenet/probe/judged_images.ts";
import type { Encoder, Model, Ops } from "../../treenet/nn/types.ts";
import { fromPublic } from "../../treenet/nn/weights.ts";
import type { LeafProbeMeta, LeafProbeParams } from "./params.ts";

const PIXELS = 32;

/** Rows of predictions.npy, in this order; no row for a net with one leaf, whose outputs are its embedding. */
const LEAF_ROWS = ["teacher", "random"] as const;

/** Writes the artifact's files. */
export async function run(
  context: Context,
  params: LeafProbeParams,
  { teacher, data }: { readonly teacher: Artifact<unknown>; readonly data: Artifact<unknown> },
): Promise<LeafProbeMeta> {
  const { default: model } = context.modules.model as { readonly default: Model };
  const encoder = buildEncoder(model, params.architecture);
  const judged = judgedImages(await readCifar(data.dir), params);
  const found = encoder.pathways === undefined || encoder.leaves === 1
    ? undefined
    : await judgeBoth({ context, params, encoder, judged }, teacher.dir);
  const rows = found === undefined ? [] : LEAF_ROWS.map((row) => found[row].predictions);
  const meta: LeafProbeMeta = {
    model: params.model,
    features: found?.features ?? encoder.size,
    trainImages: judged.train.labels.length,
    ...found && {
      judged: { teacher: found.teacher.result, random: found.random.result, untrained: found.untrained },
    },
  };
  await write(context.out, { judged, rows, meta });
  return meta;
}

interface Job {
  readonly context: Context;
  readonly params: LeafProbeParams;
  readonly encoder: Encoder;
  readonly judged: Judged;
}

/** Probes of both networks' leaves. */
interface Found {
  readonly teacher: Probed<LinearResult>;
  readonly random: Probed<LinearResult>;
  readonly untrained: boolean;
  readonly features: number;
}

/** @param teacher folder of the weights */
async function judgeBoth(job: Job, teacher: string): Promise<Found> {
  const { context, encoder } = job;
  const weights = async (name: string) => {
    const { tensors } = await readSafetensors(join(teacher, `${name}.safetensors`));
    return fromPublic(encoder.specs, tensors);
  };
  const [trained, initial] = [await weights("teacher"), await weights("random")];
  const untrained = sameLeaves(encoder, trained, initial);
  const ops = await loadOps(context.backend as Backend, context);
  try {
    const parts = untrained ? 1 : 2;
    const random = await judge(job, {
      weights: initial,
      ops,
      progress: progressIn(context, { part: 0, parts }),
    });
    if (untrained) return { teacher: random, random, untrained, features: random.features };
    const own = await judge(job, {
      weights: trained,
      ops,
      progress: progressIn(context, { part: 1, parts }),
    });
    return { teacher: own, random, untrained, features: own.features };
  } finally {
    ops.close();
  }
}

/** No weight of any leaf differs by a bit. */
function sameLeaves({ specs }: Encoder, a: Weights, b: Weights): boolean {
  return specs.filter(({ name }) => name.startsWith("leaves."))
    .every(({ name }) => a[name].every((value, i) => value === b[name][i]));
}

function progressIn(
  context: Context,
  { part, parts }: { readonly part: number; readonly parts: number },
): (share: number) => void {
  return (share) => {
    context.signal.throwIfAborted();
    context.progress(Math.round(100 * (part + share) / parts), 100);
  };
}

async function judge(
  { context, params, encoder, judged }: Job,
  { weights, ops, progress }: {
    readonly weights: Weights;
    readonly ops: Ops;
    readonly progress: (share: number) => void;
  },
): Promise<Probed<LinearResult> & { readonly features: number }> {
  const outputs = async (part: "train" | "test"): Promise<LabelledFeatures> => {
    const { images, labels } = judged[part];
    const { leaves, leafSize } = await encode(encoder, weights, {
      ops,
      batch: params.batch,
      size: PIXELS,
      signal: context.signal,
      images,
    });
    return { x: leaves!, labels, size: encoder.leaves * leafSize! };
  };
  const features = { train: await outputs("train"), test: await outputs("test") };
  progress(0.1);
  const probed = await linearProbe(features, params, (share) => progress(0.1 + 0.9 * share));
  return { ...probed, features: features.train.size };
}

async function write(
  out: string,
  { judged, rows, meta }: {
    readonly judged: Judged;
    readonly rows: readonly Uint8Array[];
    readonly meta: LeafProbeMeta;
  },
): Promise<void> {
  const { labels, index } = judged.test;
  const n = labels.length;
  await writeNpy(join(out, "labels_test.npy"), { shape: [n], data: labels });
  await writeNpy(join(out, "index_test.npy"), { shape: [n], data: index });
  await writeNpy(join(out, "predictions.npy"), {
    shape: [rows.length, n],
    data: Uint8Array.from(rows.flatMap((row) => [...row])),
  });
  await Deno.writeTextFile(join(out, "leaf_probe.json"), JSON.stringify(meta, null, 2) + "\n");
}
