/**
 * The training steps that are compared: whole ones, optimiser and teacher included, on views of noise.
 *
 * @module
 */

/** One network and its batch. */
export interface Step {
  /** Name for `--only`. */
  readonly name: string;
  readonly model: "dense-join" | "avg-join" | "cnn" | "resnet50";
  /** The model's own configuration. */
  readonly architecture: Readonly<Record<string, number | boolean | readonly number[]>>;
  readonly batch: number;
  /** Local crops of 13 px beside the two global ones of 32 px. */
  readonly locals: number;
}

/** A way in which PyTorch can compute a step. */
export interface Variant {
  /** Leaves one after another, not as one grouped convolution. */
  readonly looped: boolean;
  /** Images have their channels last in memory. */
  readonly channelsLast: boolean;
  /** Compiled by torch.compile, which needs a C++ compiler. */
  readonly compiled: boolean;
  readonly threads: number;
}

export const HEAD = { hidden: 512, bottleneck: 128, prototypes: 1024 };

const channels = [8, 16, 32, 48, 64];
const strided = [2, 1, 1, 2, 1];
const plain = [1, 1, 1, 1, 1];
const ofCpuProfile = { batch: 64, locals: 0 };

export const STEPS: readonly Step[] = [
  {
    name: "train-step/dense-join-8",
    model: "dense-join",
    architecture: { leaves: 8, channels, strides: plain },
    batch: 64,
    locals: 2,
  },
  { name: "train-step/resnet50", model: "resnet50", architecture: { width: 64 }, batch: 64, locals: 2 },
  {
    name: "train-step/cpu-profile/dense-join",
    model: "dense-join",
    architecture: { leaves: 8, channels, strides: strided },
    ...ofCpuProfile,
  },
  {
    name: "train-step/cpu-profile/avg-join",
    model: "avg-join",
    architecture: { leaves: 8, channels, strides: strided },
    ...ofCpuProfile,
  },
  {
    name: "train-step/cpu-profile/cnn",
    model: "cnn",
    architecture: { channels: [16, 32, 64, 128, 256], strides: strided },
    ...ofCpuProfile,
  },
  {
    name: "train-step/cpu-profile/resnet50",
    model: "resnet50",
    architecture: { width: 16, zeroInitResidual: true }, // initial weights alone: the work is the same
    ...ofCpuProfile,
  },
];

/** Eager variants, on all cores. */
export function variantsOf({ model }: Step, threads: number): readonly Variant[] {
  const hasLeaves = model === "dense-join" || model === "avg-join";
  return (hasLeaves ? [false, true] : [false]).flatMap((looped) =>
    [true, false].map((channelsLast) => ({ looped, channelsLast, compiled: false, threads }))
  );
}

/**
 * Refinements of the fastest variant: one thread, and compiled. Eight compiled loops take minutes to build.
 */
export function refinementsOf(fastest: Variant): readonly Variant[] {
  return [{ ...fastest, threads: 1 }, { ...fastest, looped: false, compiled: true }];
}

/** Name of a variant in words. */
export function nameOf({ looped, channelsLast, compiled, threads }: Variant): string {
  return [
    looped ? "leaves in a loop" : "grouped",
    `channels ${channelsLast ? "last" : "first"}`,
    compiled ? "compiled" : "eager",
    `${threads} thread${threads === 1 ? "" : "s"}`,
  ].join(", ");
}

/** The job of `pytorch_step.py`, which times that many steps each time it is asked. */
export function jobOf(
  { model, architecture, batch, locals }: Step,
  variant: Variant,
  { warmup }: { readonly warmup: number },
): string {
  return JSON.stringify({
    ...(model === "cnn" ? { leaves: 1 } : {}),
    ...architecture,
    join: model === "dense-join" ? "dense" : "mean",
    head: HEAD,
    batch,
    locals,
    ...variant,
    warmup,
  });
}
