/**
 * Whole training steps, optimiser and teacher included, against the fastest of PyTorch's ways on this machine.
 *
 * Which is fastest is found first: leaves grouped or in a loop, channels last or first, then one thread, and
 * torch.compile where it works. A run of ours is a process of its own; PyTorch's waits, warm, for its turn.
 *
 * @module
 */
import { CANDIDATES } from "../../../../tests/conformance/backends.ts";
import type { Python } from "../../../../tests/fixtures/python.ts";
import { byTurns, type Comparison, type Options } from "../peer_comparison.ts";
import { type Entry, entryOf } from "../peer_entry.ts";
import { ownResult, sciencePython, versionsIn } from "../peer_processes.ts";
import { PyTorch } from "./pytorch.ts";
import { HEAD, nameOf, refinementsOf, type Step, STEPS, type Variant, variantsOf } from "./training_steps.ts";

/** Rounding of each backend that is compared. */
const MODES: Readonly<Record<string, string>> = {
  "wasm": "mul + add",
  "tensorflow": "float32, FMA",
};

/** The backends in `MODES` that this machine has. */
export const BACKENDS = CANDIDATES.filter(({ name, missing }) => name in MODES && missing === undefined)
  .map(({ name }) => ({ backend: name, mode: MODES[name] }));

const CORES = navigator.hardwareConcurrency;
const TRAINING = new URL("../../training.ts", import.meta.url);
/** Timed in a run, after the first. */
const TIMED = 3;
/** Timed to find PyTorch's fastest way. */
const TRIAL = 2;

export const trainingSteps: readonly Comparison[] = STEPS.map((step) => ({
  names: [step.name],
  run: (options) => compare(step, options),
  versions: async () => versionsIn(await sciencePython(), ["torch"]),
}));

async function* compare(step: Step, options: Options): AsyncGenerator<Entry> {
  const backends = BACKENDS.filter(({ backend }) => (options.backend ?? backend) === backend);
  await using peer = await fastest(await sciencePython(), step, options);
  const ours = backends.map(({ backend }) => [backend, () => ownRate(step, backend)] as const);
  const runs = await byTurns<string, number>(options.runs, {
    ...Object.fromEntries(ours),
    peer: () => peer.rate(TIMED),
  });
  for (const { backend, mode } of backends) {
    const subject = {
      name: step.name,
      backend,
      mode,
      unit: "images/s",
      against: `PyTorch: ${nameOf(peer.variant)}`,
    } as const;
    yield entryOf(subject, { ours: runs[backend], peer: runs.peer });
  }
}

/** Images a second. */
async function ownRate({ model, architecture, batch, locals }: Step, backend: string): Promise<number> {
  const { imagesPerSecond } = await ownResult(TRAINING, {
    ...{ backend, model, architecture: JSON.stringify(architecture), head: JSON.stringify(HEAD) },
    ...{ batch, micro: batch, locals, steps: TIMED, warmup: 1, cores: CORES },
  });
  return imagesPerSecond;
}

interface Tried {
  readonly pytorch: PyTorch;
  /** Images a second. */
  readonly rate: number;
}

/** Tries all ways; the fastest one's process stays. */
async function fastest(python: Python, step: Step, { notice }: Options): Promise<PyTorch> {
  const attempt = async (variant: Variant): Promise<Tried> => {
    const pytorch = await PyTorch.start(python, step, variant);
    return { pytorch, rate: await pytorch.rate(TRIAL) };
  };
  const [first, ...others] = variantsOf(step, CORES);
  let best = await attempt(first);
  const race = async (variant: Variant) => {
    const other = await attempt(variant);
    const [winner, loser] = other.rate > best.rate ? [other, best] : [best, other];
    best = winner;
    await loser.pytorch[Symbol.asyncDispose]();
  };
  for (const variant of others) await race(variant);
  for (const variant of refinementsOf(best.pytorch.variant)) {
    await race(variant).catch((error: Error) => notice(`Left out: ${error.message}`));
  }
  return best.pytorch;
}
