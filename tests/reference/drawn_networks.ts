/**
 * Networks, weights and views that both sides compute with: every architecture at the paper's sizes and small, and the
 * released code's readings.
 *
 * Every number follows from a seed, so that the default tests can ask for the same again and hold it against golden
 * values without Python.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { augmentRecipe, makeViews, type Views } from "../../treenet/augment/mod.ts";
import dino, { buildHead, type Head } from "../../treenet/methods/dino.ts";
import avgJoin from "../../treenet/models/avg_join.ts";
import cnn from "../../treenet/models/cnn.ts";
import concatenation from "../../treenet/models/concatenation.ts";
import denseJoin from "../../treenet/models/dense_join.ts";
import independentLeaves from "../../treenet/models/independent_leaves.ts";
import resnet50 from "../../treenet/models/resnet50.ts";
import { buildNetwork, type Network } from "../../treenet/network.ts";
import { initialise, type Weights } from "../../treenet/nn/parameters.ts";
import { random } from "../../treenet/random.ts";
import type { Encoder, Encoding, Model, ParameterSpec } from "../../treenet/nn/types.ts";

/** Models by their names in a profile. */
export const MODELS: Readonly<Record<string, Model>> = {
  "dense-join": denseJoin as Model,
  "avg-join": avgJoin as Model,
  cnn: cnn as Model,
  resnet50: resnet50 as Model,
  concatenation: concatenation as Model,
  "independent-leaves": independentLeaves as Model,
};

/** Widths of the projection head. */
export type HeadConfig = Parameters<typeof buildHead>[1];

/** Head of the paper. */
export const PAPER_HEAD: HeadConfig = { hidden: 2048, bottleneck: 256, prototypes: 65_536 };

type Architecture = Readonly<Record<string, unknown>>;

const pathway = { strides: [2, 1, 1, 2, 1], leafSize: 6 };
const tree = { ...pathway, leaves: 3, channels: [4, 5, 6, 7, 8] };
const dense = { ...tree, joinWidths: [11, 10, 9] };

/** Small enough for golden values; sizes that could be confused are all different. */
const SMALL: Readonly<Record<string, { readonly model: string; readonly architecture: Architecture }>> = {
  "dense-join, small": { model: "dense-join", architecture: dense },
  "avg-join, small": { model: "avg-join", architecture: tree },
  "cnn, small": { model: "cnn", architecture: { ...pathway, channels: [4, 6, 8, 9, 10] } },
  "resnet50, small": { model: "resnet50", architecture: { width: 4 } },
  "avg-join, small, extra linear layer": {
    model: "avg-join",
    architecture: { ...tree, extraLinear: true },
  },
  "resnet50, small, as released": {
    model: "resnet50",
    architecture: { width: 4, maxPool: false, mlp: [10, 9] },
  },
  "dense-join, small, grouped": { model: "dense-join", architecture: { ...dense, reading: "grouped" } },
  "dense-join, small, without last ReLU": {
    model: "dense-join",
    architecture: { ...dense, finalRelu: false },
  },
  "concatenation, small": { model: "concatenation", architecture: tree },
  "independent-leaves, small": { model: "independent-leaves", architecture: dense },
};

/** Head of the small networks. */
export const SMALL_HEAD: HeadConfig = { hidden: 16, bottleneck: 12, prototypes: 24 };

/** Steps in which the last layer stays as it is. */
export const FREEZE_STEPS = 3;

/** A head of a network. */
export interface Part {
  /** Stands before the names of its parameters and its state. */
  readonly prefix: string;
  readonly head: Head;
  /** Features that it reads [N, D]. */
  readonly features: (encoding: Encoding) => tf.Tensor2D;
}

/** A network, and what Python needs to build the same. */
export interface Case {
  readonly label: string;
  readonly model: string;
  /** Configuration with every default resolved. */
  readonly architecture: Readonly<Record<string, unknown>>;
  readonly head: HeadConfig;
  readonly network: Network;
  /** Its heads; several where leaves are trained independently, the embedding's last. */
  readonly parts: readonly Part[];
  /** Golden values of it are kept. */
  readonly golden: boolean;
}

/** @param architecture the part of a profile, @default the paper's */
export function caseOf(
  model: string,
  { architecture = {}, head, label = model, golden = false }: {
    readonly architecture?: Readonly<Record<string, unknown>>;
    readonly head: HeadConfig;
    readonly label?: string;
    readonly golden?: boolean;
  },
): Case {
  const resolved = MODELS[model].config.parse(architecture) as Record<string, unknown>;
  const encoder = MODELS[model].build(resolved);
  const network = buildNetwork(encoder, dino, { head, freezeSteps: FREEZE_STEPS });
  return { label, model, architecture: resolved, head, network, parts: partsOf(encoder, head), golden };
}

function partsOf({ independent, leaves: m, size }: Encoder, config: HeadConfig): readonly Part[] {
  const own: Part = { prefix: "", head: buildHead(size, config), features: ({ embedding }) => embedding };
  if (independent === undefined) return [own];
  const head = buildHead(independent.leafSize, config);
  const ofLeaf = (leaf: number): Part => ({
    prefix: `leaf${leaf + 1}.`,
    head,
    features: ({ leaves }) => tf.unstack(leaves!, 1)[leaf] as tf.Tensor2D,
  });
  return [...Array.from({ length: m }, (_, leaf) => ofLeaf(leaf)), own];
}

/** All at sizes for golden values, and the released code's variants. */
export function smallCases(): readonly Case[] {
  return Object.entries(SMALL).map(([label, { model, architecture }]) =>
    caseOf(model, { architecture, head: SMALL_HEAD, label, golden: true })
  );
}

/** Description of a network in `values.json`. */
export function described({ label, model, architecture, head, network, golden }: Case) {
  return { label, model, architecture, head, golden, size: network.encoder.size };
}

/**
 * Initial weights moved off their symmetric starting points, so that every parameter matters; a running variance stays
 * positive, and a fixed gain 1.
 */
export function drawnWeights(specs: readonly ParameterSpec[], seed: number): Weights {
  const weights = initialise(specs, seed);
  for (const [i, { name, init, role }] of specs.entries()) {
    if (init.type !== "constant" || role === "fixed") continue;
    const stream = random(seed, i, 0x90_1d);
    const positive = name.endsWith("running_var");
    weights[name].forEach((value, j, all) => {
      const noise = 0.2 * stream.normal();
      all[j] = positive ? value + Math.abs(noise) : value + noise;
    });
  }
  return weights;
}

const SIDE = 32;

/** sRGB [n, side, side, 3]: waves of an image's own, with noise. */
export function drawnImages(n: number, seed: number, side = SIDE): Uint8Array {
  const bytes = new Uint8Array(n * side * side * 3);
  for (let image = 0; image < n; image++) {
    const stream = random(seed, image, side);
    const waves = Array.from({ length: 9 }, () => stream.uniform());
    for (let i = 0; i < side * side * 3; i++) {
      const [y, x, c] = [Math.floor(i / 3 / side), Math.floor(i / 3) % side, i % 3];
      const [a, b, shift] = waves.slice(3 * c, 3 * c + 3);
      const wave = Math.sin((12 * a * x + 12 * b * y) / side + 6 * shift);
      bytes[image * side * side * 3 + i] = 128 + 90 * wave + 30 * (stream.uniform() - 0.5);
    }
  }
  return bytes;
}

/** The recipe's 2 + 8 views of n images: [n, 2, 32, 32, 3] and [n, 8, 13, 13, 3]. */
export function drawnViews(n: number, seed: number): Views {
  const images = drawnImages(n, seed);
  const each = Array.from({ length: n }, (_, image) => {
    const bytes = SIDE * SIDE * 3;
    const key = { seed, image, round: 0 };
    return makeViews(RECIPE, images.subarray(image * bytes, (image + 1) * bytes), key);
  });
  const joined = (kind: keyof Views) => {
    const parts = each.map((views) => views[kind]);
    const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    parts.forEach((part, i) => all.set(part, i * part.length));
    return all;
  };
  return { globals: joined("globals"), locals: joined("locals") };
}

const RECIPE = augmentRecipe.parse({});
/** Crops of {@linkcode drawnViews}. */
export const CROPS = {
  globals: { count: RECIPE.globals.count, size: RECIPE.globals.size },
  locals: { count: RECIPE.locals.count, size: RECIPE.locals.size },
};
