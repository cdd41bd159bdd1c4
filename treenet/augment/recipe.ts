/**
 * Multi-crop augmentation as data (Caron et al. 2020, 2021): the draws for every view, with the values of
 * docs/recipe.md, Augmentation, as defaults.
 *
 * @module
 */
import { z } from "zod";

/** Pixels on a side of the source images. */
export const SIDE = 32;

/** All parameters that decide the views. */
export interface AugmentRecipe {
  /** Large crops, which student and teacher see. */
  readonly globals: Crops;
  /** Small crops, which only the student sees. */
  readonly locals: Crops;
  /** Width over height of a crop, drawn log-uniformly. */
  readonly aspect: Range;
  /** Probability of a horizontal flip. */
  readonly flip: number;
  /** Factors lie within 1 ± strength, the turn of the hue within ± hue of a full turn. */
  readonly jitter: {
    readonly probability: number;
    readonly brightness: number;
    readonly contrast: number;
    readonly saturation: number;
    readonly hue: number;
  };
  /** Probability of greyscale. */
  readonly grayscale: number;
  /** Gaussian blur; its radius is the standard deviation in pixels, drawn uniformly. */
  readonly blur: Shares & { readonly radius: Range };
  /** Inversion of values at or above the threshold. */
  readonly solarise: Shares & { readonly threshold: number };
}

/** [low, high] */
export type Range = readonly [number, number];

/** Crops of one kind. */
export interface Crops {
  /** Number of crops of an image. */
  readonly count: number;
  /** Pixels on a side. */
  readonly size: number;
  /** Share of the image's area, drawn uniformly. */
  readonly scale: Range;
}

/** Probabilities that views undergo a change. */
export interface Shares {
  /** Probability for each global view in order; the last one holds for all that follow. */
  readonly globals: readonly number[];
  /** Probability for every local view. */
  readonly locals: number;
}

/** The part of a zod schema that callers outside a schema need. */
export interface RecipeParser {
  /** Throws where the value is no recipe. */
  parse(value: unknown): AugmentRecipe;
}

const share = z.number().min(0).max(1);
const strength = z.number().min(0);

/** [low, high], low ≤ high. */
function range(low: number, high: number) {
  return z.tuple([z.number().min(low).max(high), z.number().min(low).max(high)])
    .refine(([from, to]) => from <= to, "expected [low, high] with low ≤ high");
}

/** One probability for each global view, the last one for all that follow, and one for all local views. */
function shares(globals: readonly number[], locals: number) {
  return {
    globals: z.array(share).min(1).default([...globals]),
    locals: share.default(locals),
  };
}

const scale = range(1e-3, 1).describe("share of the image's area that a crop covers, drawn uniformly");
const size = z.int().min(2).max(256).describe("pixels on a side");

/** Fields of the recipe, to be included in a larger schema. */
export const augmentFields = {
  globals: z.strictObject({
    count: z.int().min(1).max(16).default(2),
    size: size.default(32),
    scale: scale.default([0.4, 1]),
  }).prefault({}).describe("large crops, which student and teacher see"),
  locals: z.strictObject({
    count: z.int().min(0).max(64).default(8),
    size: size.default(13),
    scale: scale.default([0.05, 0.4]),
  }).prefault({}).describe("small crops, which only the student sees"),
  aspect: range(1e-2, 100).default([3 / 4, 4 / 3]).describe(
    "width over height of a crop, drawn log-uniformly",
  ),
  flip: share.default(0.5).describe("probability of a horizontal flip"),
  jitter: z.strictObject({
    probability: share.default(0.8),
    brightness: strength.default(0.4),
    contrast: strength.default(0.4),
    saturation: strength.default(0.2),
    hue: z.number().min(0).max(0.5).default(0.1),
  }).prefault({}).describe(
    "factors lie within 1 ± strength, the turn of the hue within ± hue of a full turn",
  ),
  grayscale: share.default(0.2).describe("probability"),
  blur: z.strictObject({
    radius: range(0, 16).default([0.1, 2]),
    ...shares([1, 0.1], 0.5),
  }).prefault({}).describe("Gaussian; standard deviation in pixels, drawn uniformly, and probabilities"),
  solarise: z.strictObject({
    threshold: z.int().min(0).max(256).default(128),
    ...shares([0, 0.2], 0),
  }).prefault({}).describe("inverts what is at or above the threshold; probabilities"),
};

/** Parses a recipe; defaults are those of docs/recipe.md. Throws a ZodError with path and value. */
export const augmentRecipe: RecipeParser = z.strictObject(augmentFields);
