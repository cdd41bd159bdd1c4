/**
 * How long a task takes: what its stage does, in parts that are measured.
 *
 * @module
 */
import type { ControlsParams } from "../controls/params.ts";
import type { CurveParams } from "../curve/params.ts";
import type { LeafProbeParams } from "../leaf_probe/params.ts";
import type { EmaTeacherParams } from "../ema_teacher/params.ts";
import type { LinearParams, ReleasedParams } from "../treenet/probe/params.ts";
import type { SaliencyParams } from "../saliency/params.ts";
import type { TrainParams } from "../train/params.ts";
import type { AugmentRecipe } from "../treenet/augment/mod.ts";
import type { Method } from "../treenet/method.ts";
import { buildEncoder } from "../treenet/network.ts";
import type { Model } from "../treenet/types.ts";
import { controlSeconds } from "./control_time.ts";
import type { Gauge } from "./gauge.ts";
import { featurePass, type Named } from "./passes.ts";
import { linearSeconds, neighbourSeconds, releasedSeconds } from "./probe_time.ts";
import { saliencySeconds } from "./saliency_time.ts";
import { trainingSeconds, viewSeconds } from "./training_time.ts";
import { umapSeconds, type UmapSizes } from "./umap_time.ts";

/** A task of a profile, as it is handed to the process that measures. */
export interface Task {
  readonly id: string;
  readonly stage: string;
  readonly point: Readonly<Record<string, string | number>>;
  // deno-lint-ignore no-explicit-any -- of whatever stage
  readonly params: any;
}

/** Loads what a profile names. */
export interface Modules {
  readonly model: (name: string) => Promise<Model>;
  readonly method: (name: string) => Promise<Method>;
}

interface AugmentParams extends AugmentRecipe {
  readonly images: number;
  readonly rounds: number;
}

/** Estimates tasks of one profile. */
export class TaskTimes {
  readonly #gauge: Gauge;
  readonly #tasks: readonly Task[];
  readonly #modules: Modules;

  constructor(gauge: Gauge, tasks: readonly Task[], modules: Modules) {
    [this.#gauge, this.#tasks, this.#modules] = [gauge, tasks, modules];
  }

  /** Seconds, the start of its process not included; undefined for a stage of which nothing is known here. */
  async of({ stage, point, params }: Task): Promise<number | undefined> {
    switch (stage) {
      case "augment-cache":
        return params.rounds * params.images * await viewSeconds(this.#gauge, params) / this.#gauge.cores;
      case "train":
        return await this.#train(params);
      case "ema-teacher":
        return await this.#features(params);
      case "probe":
        return await this.#probe(params, point);
      case "leaf-probe":
        return await this.#leafProbe(params);
      case "curve":
        return await this.#curve(params, point);
      case "saliency":
        return await this.#saliency(params, point);
      case "umap":
        return await umapSeconds(this.#gauge, (await this.#named(params)).encoder.size, params as UmapSizes);
      case "controls":
        return await this.#controls(params);
    }
  }

  /** The encoder of a task with a model; probes and layouts do not say its architecture, their teachers do. */
  async #named({ model }: { readonly model: string }): Promise<Named & { readonly leafSize: number }> {
    const { architecture } = this.#tasks.find(({ stage, params }) =>
      stage === "train" && params.model === model
    )!
      .params as TrainParams;
    return await this.#encoder(model, architecture);
  }

  async #encoder(model: string, architecture: Readonly<Record<string, unknown>>) {
    const encoder = buildEncoder(await this.#modules.model(model), architecture);
    const { leafSize = 128 } = architecture;
    return { name: `${model} ${JSON.stringify(architecture)}`, encoder, leafSize: leafSize as number };
  }

  #other<Params>(stage: string, point: Task["point"]): Params {
    const shares = (task: Task) => Object.entries(task.point).every(([axis, value]) => point[axis] === value);
    return this.#tasks.find((task) => task.stage === stage && shares(task))!.params;
  }

  async #train(params: TrainParams): Promise<number> {
    const { images, rounds, ...recipe } = this.#other<AugmentParams>("augment-cache", { seed: params.seed });
    const method = await this.#modules.method(params.method);
    return await trainingSeconds(this.#gauge, await this.#named(params), {
      params,
      training: { method, recipe, images, rounds },
    });
  }

  async #features(params: EmaTeacherParams): Promise<number> {
    const { trainImages, testImages, rawPixels, batch } = params;
    const named = await this.#named(params);
    const calibrated = named.encoder.specs.some(({ role }) => role === "buffer") ? trainImages : 0;
    const passes = (rawPixels ? 3 : 2) * (trainImages + testImages) + calibrated;
    return passes * await featurePass(this.#gauge, named, { batch, cores: "all" });
  }

  async #probe(
    params: LinearParams & {
      readonly model: string;
      readonly released: ReleasedParams;
      readonly neighbours: readonly number[];
    },
    point: Task["point"],
  ): Promise<number> {
    const { trainImages: train, testImages: test, rawPixels } = this.#other<EmaTeacherParams>(
      "ema-teacher",
      point,
    );
    const judged = { train, test, size: (await this.#named(params)).encoder.size };
    const linear = await linearSeconds(this.#gauge, judged, { penalties: params.l2.count, exact: true });
    const neighbours = await neighbourSeconds(this.#gauge, judged, { k: params.neighbours });
    const released = await releasedSeconds(this.#gauge, judged, params.released);
    return (rawPixels ? 3 : 2) * linear + 2 * neighbours + (rawPixels ? 2 : 1) * released;
  }

  async #leafProbe(params: LeafProbeParams): Promise<number> {
    const { trainImages: train, testImages: test, l2, batch } = params;
    const named = await this.#named(params), { leaves } = named.encoder;
    if (leaves === 1) return 0;
    const judged = { train, test, size: leaves * named.leafSize };
    // Leaves that stay as they were are judged once.
    const networks = (await this.#modules.model(params.model)).control ? 1 : 2;
    return networks * (
      (train + test) * await featurePass(this.#gauge, named, { batch, cores: "all" }) +
      await linearSeconds(this.#gauge, judged, { penalties: l2.count, exact: true })
    );
  }

  async #curve(params: CurveParams, point: Task["point"]): Promise<number> {
    const { trainImages, testImages, holdout, l2, neighbours, batch } = params;
    const named = await this.#named(params), { encoder } = named;
    const moments = 2 + this.#other<TrainParams>("train", point).snapshots;
    const train = (1 - holdout) * trainImages, test = testImages + holdout * trainImages;
    const probe = (size: number) =>
      linearSeconds(this.#gauge, { train, test, size }, { penalties: l2.length, exact: false });
    const size = encoder.size;
    const leaves = encoder.leaves > 1 ? await probe(encoder.leaves * named.leafSize) : 0;
    const nearest = { train, test: holdout * trainImages, size };
    return moments * (
      (trainImages + testImages) * await featurePass(this.#gauge, named, { batch, cores: "one" }) +
      await probe(size) + leaves + await neighbourSeconds(this.#gauge, nearest, { k: [neighbours] })
    );
  }

  async #saliency(params: SaliencyParams, point: Task["point"]): Promise<number> {
    const { testImages: tested } = this.#other<EmaTeacherParams>("ema-teacher", point);
    const named = await this.#named(params);
    return await saliencySeconds(this.#gauge, named, { params, tested, leafSize: named.leafSize });
  }

  async #controls(params: ControlsParams): Promise<number> {
    const kinds = new Map<string, Named & { readonly leafSize: number }>();
    for (const [model, architecture] of Object.entries(params.models)) {
      const { control } = await this.#modules.model(model);
      const named = await this.#encoder(model, architecture);
      if (!control && named.encoder.leaves > 1) {
        kinds.set(JSON.stringify(named.encoder.pathways?.spec), named);
      }
    }
    return await controlSeconds(this.#gauge, params, [...kinds.values()]);
  }
}
