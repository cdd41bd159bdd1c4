/**
 * Cost of the trainings, from their settings; times come from the records of their runs.
 *
 * @module
 */
import type { Artifact } from "../../pipeline/types.ts";
import { type Architecture, viewMultiplyAdds } from "../treenet/view_cost.ts";
import type { Run } from "./headline.ts";
import { from, joined, rate, table, volatile } from "./markdown.ts";
import { flops, thousands } from "./numbers.ts";
import { modelTitle } from "./poster.ts";
import { type Settings, settingsOf } from "./settings.ts";
import { modelOf, ordered, seedOf, type TrainedMeta, type ViewsMeta } from "./sources.ts";

/** Field of a run that continued from a checkpoint; its seconds are those of the last part alone. */
const resumed = "records.resumedFrom";

const FORWARD_AND_BACKWARD = 3; // passes: one forward, two backward

/** Multiply-adds of one view with the given number of pixels on a side. */
export type ViewCost = (pixels: number) => number;

/**
 * Floating point operations of the encoder in a training: 2 · multiply-adds of all passes. The student passes
 * every view forward and backward, the teacher passes the global views forward.
 */
function trainingFlops(
  { images }: Pick<TrainedMeta, "images">,
  { globals, locals, globalSize, localSize }: ViewsMeta,
  cost: ViewCost,
): number {
  const global = globals * cost(globalSize);
  const local = locals === 0 ? 0 : locals * cost(localSize);
  return 2 * images * (FORWARD_AND_BACKWARD * (global + local) + global);
}

/** Cost of a view, counted at its size, or for an uncounted model by its share of a whole image's area. */
function viewCost({ task, meta, ...artifact }: Artifact<TrainedMeta>, settings: Settings): ViewCost & {
  readonly exact: boolean;
} {
  const params = settingsOf(task, settings) as { readonly architecture?: Architecture };
  const { architecture } = params;
  const counted = (pixels: number) =>
    architecture && viewMultiplyAdds(String(artifact.point.model), { architecture, pixels });
  // The count holds if it agrees with the encoder's own number for a whole image.
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
