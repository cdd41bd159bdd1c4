/**
 * A small data set with views, and stages run on it as the engine would run them.
 *
 * @module
 */
import type { Artifact, Context, Digest, Json, Run, Stage } from "../../../pipeline/stage.ts";
import augmentCache from "../../../stages/augment_cache/mod.ts";
import emaTeacher from "../../../stages/ema_teacher/mod.ts";
import train from "../../../stages/train/mod.ts";
import { writeTinyCifar } from "../../fixtures/tiny_cifar.ts";

const dense = { leaves: 2, channels: [4, 6], strides: [2, 1], leafSize: 5, joinWidths: [8, 6] };
/** Architectures of a few hundred parameters. */
export const ARCHITECTURES: Readonly<Record<string, Json>> = {
  "dense-join": dense,
  "independent-leaves": dense,
  "cnn": { channels: [4, 6], strides: [2, 1], leafSize: 5 },
  "resnet50": { width: 2 },
};

/** A stage's results and records. */
export interface Ran<Meta> {
  readonly out: string;
  readonly meta: Meta;
  readonly records: Readonly<Record<string, Json>>;
}

export interface RunOptions {
  readonly scratch?: string;
  readonly signal?: AbortSignal;
  /** Called at each report of progress, and may stop the run. */
  readonly progress?: (done: number) => void;
  readonly cores?: number;
}

/** A folder of its own, removed at the end of the test file. */
export class Workshop {
  readonly #root = Deno.makeTempDirSync();
  #folders = 0;

  constructor() {
    globalThis.addEventListener("unload", () => Deno.removeSync(this.#root, { recursive: true }));
  }

  /** 50 training and 10 test images. */
  async data(): Promise<Artifact<{ readonly train: number; readonly test: number }>> {
    const dir = this.folder();
    await writeTinyCifar(dir, { perBatch: 10 });
    return artifact(dir, { train: 50, test: 10 });
  }

  /** Views of 32 of them, by default 2 + 2. */
  async views(
    data: Artifact<{ readonly train: number; readonly test: number }>,
    rounds: number,
    recipe: Readonly<Record<string, Json>> = { locals: { count: 2 } },
  ) {
    const params = augmentCache.params.parse({ seed: 0, images: 32, rounds, ...recipe });
    const { out, meta } = await this.run(augmentCache, params, { data });
    return artifact(out, meta);
  }

  /** Parameters of a few steps on them. */
  trainParams(model: string, section: Readonly<Record<string, Json>> = {}) {
    return train.params.parse({
      model,
      seed: 0,
      architecture: ARCHITECTURES[model],
      epochs: 2,
      batch: 10,
      microBatch: 4,
      warmupSteps: 1,
      freezeSteps: 1,
      learningRate: 0.02,
      head: { hidden: 12, bottleneck: 8, prototypes: 16 },
      ...section,
    });
  }

  teacherParams(model: string) {
    const architecture = ARCHITECTURES[model];
    return emaTeacher.params.parse({
      model,
      seed: 0,
      architecture,
      trainImages: 20,
      testImages: 10,
      batch: 8,
    });
  }

  async run<Meta, Params, Artifacts>(
    stage: Stage<Meta, Params, Artifacts>,
    params: Params,
    inputs: Artifacts,
    options: RunOptions = {},
  ): Promise<Ran<Meta>> {
    const out = this.folder();
    const records: Record<string, Json> = {};
    const context: Context = {
      out,
      scratch: options.scratch ?? this.folder(),
      signal: options.signal ?? new AbortController().signal,
      cores: options.cores ?? 1,
      backend: "wasm",
      hints: { "checkpoint-steps": "2" },
      modules: await modulesOf(stage, params),
      progress: (done) => options.progress?.(done),
      record: (name, value) => records[name] = value,
    };
    const { run } = await import(stage.run) as { readonly run: Run };
    return { out, meta: await run(context, params, inputs) as Meta, records };
  }

  folder(): string {
    const path = `${this.#root}/${this.#folders++}`;
    Deno.mkdirSync(path);
    return path;
  }
}

/** An artifact of these files. */
export function artifact<Meta>(dir: string, meta: Meta): Artifact<Meta> {
  const key = { stage: "", params: {}, code: {}, packages: {}, inputs: {}, environment: {} };
  return { task: "", point: {}, digest: "" as Digest, key, dir, files: {}, meta };
}

/** File name, with its folder → bytes as hexadecimal digest. */
export async function digests(dir: string): Promise<Readonly<Record<string, string>>> {
  const pairs = filesIn(dir).sort().map(async (name) => {
    const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(`${dir}/${name}`));
    return [name, new Uint8Array(digest).toHex()];
  });
  return Object.fromEntries(await Promise.all(pairs));
}

function filesIn(dir: string): string[] {
  return [...Deno.readDirSync(dir)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesIn(`${dir}/${name}`).map((inner) => `${name}/${inner}`) : [name]
  );
}

async function modulesOf<Params>(
  // deno-lint-ignore no-explicit-any
  stage: Stage<any, Params, any>,
  params: Params,
): Promise<Readonly<Record<string, unknown>>> {
  const urls = Object.entries(stage.modules?.(params) ?? {});
  return Object.fromEntries(await Promise.all(urls.map(async ([name, url]) => [name, await import(url)])));
}
