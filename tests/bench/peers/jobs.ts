/**
 * The training steps that are compared: whole ones, optimiser and teacher included, on views of noise.
 *
 * @module
 */

/** One network and its batch. */
export interface Step {
  /** As `--only` takes it. */
  readonly name: string;
  readonly model: "dense-join" | "avg-join" | "cnn" | "resnet50";
  /** The model's own configuration. */
  readonly architecture: Readonly<Record<string, number | readonly number[]>>;
  readonly batch: number;
  /** Local crops of 13 px beside the two global ones of 32 px. */
  readonly locals: number;
}

/** Of PyTorch: leaves as one grouped convolution or one after another, and how images lie in memory. */
export interface Variant {
  readonly looped: boolean;
  readonly channelsLast: boolean;
}

export const HEAD = { hidden: 512, bottleneck: 128, prototypes: 1024 };

const channels = [8, 16, 32, 48, 64];
const strided = [2, 1, 1, 2, 1];
const plain = [1, 1, 1, 1, 1];
const ofCpuProfile = { batch: 128, locals: 0 };

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
    architecture: { width: 16 },
    ...ofCpuProfile,
  },
];

/** The ways in which PyTorch can compute it. */
export function variantsOf({ model }: Step): readonly Variant[] {
  const orders = [true, false].map((channelsLast) => ({ channelsLast, looped: false }));
  const hasLeaves = model === "dense-join" || model === "avg-join";
  return hasLeaves ? [...orders, ...orders.map((order) => ({ ...order, looped: true }))] : orders;
}

/** What `pytorch_step.py` is told. */
export function jobOf(
  { model, architecture, batch, locals }: Step,
  options: Variant & { readonly cores: number; readonly steps: number; readonly warmup: number },
): string {
  return JSON.stringify({
    ...(model === "cnn" ? { leaves: 1 } : {}),
    ...architecture,
    join: model === "dense-join" ? "dense" : "mean",
    head: HEAD,
    batch,
    locals,
    ...options,
  });
}
