/**
 * What is trained: an encoder with its projection head, under the names `encoder.…` and `head.…`.
 *
 * @module
 */
import { buildHead, type Head, type HeadConfig, LAST_LAYER } from "./head.ts";
import { countParameters, initialise, type Weights, within } from "./parameters.ts";
import type { Encoder, Model, ParameterSpec } from "./types.ts";

/** Encoder and head with their sizes fixed. */
export interface Network {
  readonly encoder: Encoder;
  readonly head: Head;
  /** Of both, prefixed. */
  readonly specs: readonly ParameterSpec[];
}

/** Sizes as Table 1 and `describe` give them. */
export interface Size {
  readonly encoderParameters: number;
  readonly parametersWithHead: number;
  /** Convolution and linear weights applied per 32 × 32 image, encoder only. */
  readonly multiplyAdds: number;
}

/** Prefixes of the names in {@linkcode Network.specs}. */
export const ENCODER = "encoder.";
export const HEAD = "head.";

/** The parameter that stays as it is during the first steps. */
export const FROZEN = HEAD + LAST_LAYER;

const PIXELS = 32; // side of the images that multiply-adds are quoted for

/** Puts a head on an encoder. */
export function buildNetwork(encoder: Encoder, config: HeadConfig): Network {
  const head = buildHead(encoder.size, config);
  return { encoder, head, specs: [...prefixed(encoder.specs, ENCODER), ...prefixed(head.specs, HEAD)] };
}

/** Builds a model's encoder from its part of a profile; a wrong configuration is a ZodError. */
export function buildEncoder<Config>(model: Model<Config>, architecture: unknown): Encoder {
  return model.build(model.config.parse(architecture));
}

/** The encoder's weights before the first step of a run with this seed. */
export function initialEncoder(encoder: Encoder, seed: number): Weights {
  return within(initialise(prefixed(encoder.specs, ENCODER), seed), ENCODER);
}

/** Counts a network. */
export function sizeOfNetwork({ encoder, specs }: Network): Size {
  return {
    encoderParameters: countParameters(encoder.specs),
    parametersWithHead: countParameters(specs),
    multiplyAdds: encoder.multiplyAdds(PIXELS),
  };
}

function prefixed(specs: readonly ParameterSpec[], prefix: string): readonly ParameterSpec[] {
  return specs.map((spec) => ({ ...spec, name: prefix + spec.name }));
}
