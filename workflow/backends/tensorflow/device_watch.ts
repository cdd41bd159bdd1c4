/**
 * Use of an NVIDIA GPU and its memory while a task computes on it, sampled with nvidia-smi. All work of the
 * GPU counts, including that of other programs.
 *
 * @module
 */
import type { DeviceWatch, Seen } from "../../../pipeline/backend.ts";
import { runTool } from "./install/tool.ts";

const INTERVAL = 5000; // ms
const MEBIBYTE = 2 ** 20;

interface Sample {
  /** Share of time in which the GPU computed, 0 … 1, from nvidia-smi. */
  readonly busy: number;
  /** Bytes of the GPU's memory in use. */
  readonly memory: number;
}

/** Samples until it is stopped; without nvidia-smi there are no samples. */
export class GpuWatch implements DeviceWatch {
  readonly #samples: Sample[] = [];
  readonly #interval: number;
  /** Ends an nvidia-smi that has not answered yet: it can hang with its driver. */
  readonly #stop = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking: Promise<void> | undefined;

  /** @param interval ms between two samples */
  constructor(interval = INTERVAL) {
    this.#interval = interval;
    this.#askLater();
  }

  async stop(): Promise<Seen> {
    clearTimeout(this.#timer);
    this.#stop.abort();
    await this.#asking;
    if (this.#samples.length === 0) return { records: {} };
    const mean = this.#samples.reduce((sum, sample) => sum + sample.busy, 0) / this.#samples.length;
    const busy = Number(mean.toFixed(4));
    const memory = Math.max(...this.#samples.map((sample) => sample.memory));
    return {
      records: { device: { busy, memory, samples: this.#samples.length } },
      words: `kept the GPU ${Math.round(100 * busy)}% busy, with ${
        (memory / 1e9).toFixed(1)
      } GB of its memory taken at most`,
    };
  }

  #askLater(): void {
    this.#timer = setTimeout(() => {
      this.#asking = this.#ask();
    }, this.#interval);
  }

  async #ask(): Promise<void> {
    const said = await runTool([
      ...["nvidia-smi", `--id=${visibleGpu()}`, "--query-gpu=utilization.gpu,memory.used"],
      "--format=csv,noheader,nounits",
    ], { signal: this.#stop.signal });
    const match = said?.code === 0 ? said.stdout.match(/^(\d+), (\d+)$/m) : null;
    if (match !== null) {
      this.#samples.push({ busy: Number(match[1]) / 100, memory: MEBIBYTE * Number(match[2]) });
    }
    if (said !== undefined && !this.#stop.signal.aborted) this.#askLater();
  }
}

/** First GPU that the library sees, by number or by name. */
function visibleGpu(): string {
  const names = ["CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES"].map((name) => Deno.env.get(name));
  const [first] = names.flatMap((list) => list?.split(",") ?? []).filter((name) =>
    /^(\d+|GPU-\S+)$/.test(name)
  );
  return first ?? "0";
}
