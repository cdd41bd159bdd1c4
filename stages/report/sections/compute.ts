/**
 * What the trainings cost, from what they were asked to do; times come from the records of their runs.
 *
 * @module
 */
import type { Artifact } from "../../../pipeline/types.ts";
import type { AugmentCacheMeta } from "../../augment_cache/params.ts";
import { type Architecture, viewMultiplyAdds } from "../../treenet/view_cost.ts";
import type { Run } from "./headline.ts";
import { joined, table } from "../../formats/markdown.ts";
import { flops, thousands } from "../../formats/written_numbers.ts";
import { from, modelOf, rate, seedOf, volatile } from "../../section.ts";
import { modelTitle } from "../read/poster.ts";
import { type Settings, settingsOf } from "../read/settings.ts";
import { ordered, type TrainedMeta } from "../read/sources.ts";

/** A run that went on from a checkpoint has the seconds of its last part alone. */
const resumed = "records.resumedFrom";

const FORWARD_AND_BACKWARD = 3; // passes: one forward, two backward

/** Multiply-adds of one view of so many pixels on a side. */
export type ViewCost = (pixels: number) => number;

/**
 * Floating point operations of the encoder in a training: 2 · multiply-adds of all passes. The student passes every view
 * forward and backward, the teacher the global ones forward.
 */
function trainingFlops(
  { images }: Pick<TrainedMeta, "images">,
  { globals, locals, globalSize, localSize }: AugmentCacheMeta,
  cost: ViewCost,
): number {
  const global = globals * cost(globalSize);
  const local = locals === 0 ? 0 : locals * cost(localSize);
  return 2 * images * (FORWARD_AND_BACKWARD * (global + local) + global);
}

/** Counted at the size of each view; of a model that is not known to the count, the view's share of a whole image's area. */
function viewCost({ task, meta, ...artifact }: Artifact<TrainedMeta>, settings: Settings): ViewCost & {
  readonly exact: boolean;
} {
  const params = settingsOf(task, settings) as { readonly architecture?: Architecture };
  const { architecture } = params;
  const counted = (pixels: number) =>
    architecture && viewMultiplyAdds(String(artifact.point.model), { architecture, pixels });
  // What the encoder itself said of a whole image is the proof that it is the one that is counted here.
  const exact = counted(PIXELS) === meta.multiplyAdds;
  const cost = (pixels: number) => exact ? counted(pixels)! : meta.multiplyAdds * (pixels / PIXELS) ** 2;
  return Object.assign(cost, { exact });
}

const PIXELS = 32; // side of the images that an encoder's multiply-adds are quoted for

export function computeTable({ sources, settings }: Pick<Run, "sources" | "settings">): string | undefined {
  const trained = ordered(sources.trained);
  if (trained.length === 0) return undefined;
  const flopsOf = (artifact: Artifact<TrainedMeta>) => {
    const views = sources.views.find((each) => seedOf(each) === seedOf(artifact));
    return views && trainingFlops(artifact.meta, views.meta, viewCost(artifact, settings));
  };
  const rows = trained.map((artifact) => {
    const { task, meta } = artifact;
    const cost = flopsOf(artifact);
    return [
      modelTitle(modelOf(artifact)),
      String(seedOf(artifact)),
      from(task, thousands(meta.images)),
      cost === undefined ? "–" : `${viewCost(artifact, settings).exact ? "" : "≈ "}${flops(cost)}`,
      volatile(task, "seconds"),
      rate(task, meta.images, { unless: resumed }),
      `${volatile(task, "host.cpu")}, ${volatile(task, "cores")} of ${volatile(task, "host.cores")} cores`,
      volatile(task, "backend"),
      "not measured",
    ];
  });
  const total = trained.reduce((sum, artifact) => sum + (flopsOf(artifact) ?? 0), 0);
  const approximate = trained.some((artifact) => !viewCost(artifact, settings).exact);
  const header = ["Type", "Seed", "Images", "Encoder", "Time", "Images/s", "Machine", "Backend", "Energy"];
  return joined([
    table(header, rows, { align: "lrrrrrlll" }),
    `Together ${
      flops(total)
    }. *Encoder*: floating point operations, 2 · multiply-adds · images · passes, where the ` +
    "student passes every view forward and backward (3 passes, also where leaves stay as they are) and the teacher the " +
    "global views forward. Multiply-adds are counted layer by layer at each view's own size" +
    (approximate ? ", but for those with ≈, where a view counts by its area" : "") +
    "; heads, normalisation, views and probes come on top. *Time* is of the last attempt at a " +
    "training, from the start of its process to its end; a training that went on from a checkpoint has no images/s.",
  ]);
}
