/**
 * The network that is trained: an encoder with the heads of a method, under the names `encoder.…` and `head.…`.
 *
 * @module
 */
import { independently } from "./independent.ts";
import type { Freeze, Method, Objective } from "./method.ts";
import { countParameters, initialise, type Weights, within } from "./nn/parameters.ts";
import type { Encoder, Model, ParameterSpec } from "./nn/types.ts";

/** Encoder and heads with their sizes fixed. */
export interface Network {
  readonly encoder: Encoder;
  readonly objective: Objective;
  /** All parameters, which are the student's, prefixed. */
  readonly specs: readonly ParameterSpec[];
  /** Parameters of the teacher, prefixed: all except the heads that only the student has. */
  readonly teacherSpecs: readonly ParameterSpec[];
  /** The method's freeze, its parameters prefixed. */
  readonly freeze?: Freeze;
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

const PIXELS = 32; // side of the images that multiply-adds are quoted for

/** Puts the heads of a method on an encoder; ignores fields of `settings` that are not the method's. */
export function buildNetwork(encoder: Encoder, method: Method, settings: unknown): Network {
  const config = method.config.parse(settings);
  const build = (size: number) => method.build(size, config);
  const objective = encoder.independent === undefined
    ? build(encoder.size)
    : independently({ ...encoder, ...encoder.independent }, build);
  const { specs, studentSpecs, freeze } = objective;
  const teacherSpecs = [...prefixed(encoder.specs, ENCODER), ...prefixed(specs, HEAD)];
  return {
    encoder,
    objective,
    specs: [...teacherSpecs, ...prefixed(studentSpecs, HEAD)],
    teacherSpecs,
    freeze: freeze && { ...freeze, parameters: freeze.parameters.map((name) => HEAD + name) },
  };
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
