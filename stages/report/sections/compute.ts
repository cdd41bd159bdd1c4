/**
 * The cost of trainings, computed from their parameters; times come from the records of their runs.
 *
 * @module
 */
import type { Artifact } from "../../../pipeline/stage.ts";
import type { AugmentCacheMeta } from "../../augment_cache/params.ts";
import type { TrainParams } from "../../train/params.ts";
import type { Run } from "./headline.ts";
import { joined, table } from "../../../formats/markdown.ts";
import { flops, thousands } from "../../../formats/written_numbers.ts";
import { from, modelOf, rate, seedOf, volatile } from "../../section.ts";
import { modelTitle } from "../read/poster.ts";
import { ordered, type TrainedMeta } from "../read/sources.ts";

/** Field of a run that resumed from a checkpoint: its seconds cover only the last part. */
const resumed = "records.resumedFrom";

const FORWARD_AND_BACKWARD = 3; // passes: one forward, two backward

/**
 * Floating point operations of the encoder in a training: 2 · multiply-adds of all passes. The student passes every view
 * forward and backward, the teacher the global ones forward.
 */
function trainingFlops(
  { images }: Pick<TrainedMeta, "images">,
  { globals, locals }: ReturnType<typeof recipeOf>,
  costs: Run["viewCosts"][string],
): number {
  const global = globals.count * costs[globals.size];
  const local = locals.count === 0 ? 0 : locals.count * costs[locals.size];
  return 2 * images * (FORWARD_AND_BACKWARD * (global + local) + global);
}

/** Numbers and sizes of stored views, as a recipe states them. */
function recipeOf({ globals, locals, globalSize, localSize }: AugmentCacheMeta) {
  return { globals: { count: globals, size: globalSize }, locals: { count: locals, size: localSize } };
}

/** Facts that the cost of a training follows from. */
type Costing = Pick<Run, "sources" | "viewCosts" | "settings">;

/** Floating point operations of the encoder in a training; undefined where nobody counted those of its views. */
export function costOf(
  artifact: Artifact<TrainedMeta>,
  { sources, viewCosts, settings }: Costing,
): number | undefined {
  const stored = sources.views.find((each) => seedOf(each) === seedOf(artifact));
  const own = (settings[artifact.task] as Partial<TrainParams> | undefined)?.views;
  const views = own ?? (stored && recipeOf(stored.meta));
  const costs = viewCosts[modelOf(artifact)];
  return views && costs && trainingFlops(artifact.meta, views, costs);
}

export function computeTable(
  { sources, viewCosts, settings }: Costing,
): string | undefined {
  const trained = ordered(sources.trained);
  if (trained.length === 0) return undefined;
  const flopsOf = (artifact: Artifact<TrainedMeta>) => costOf(artifact, { sources, viewCosts, settings });
  const rows = trained.map((artifact) => {
    const { task, meta } = artifact;
    const cost = flopsOf(artifact);
    return [
      modelTitle(modelOf(artifact)),
      String(seedOf(artifact)),
      from(task, thousands(meta.images)),
      cost === undefined ? "–" : flops(cost),
      volatile(task, "seconds"),
      rate(task, meta.images, { unless: resumed }),
      `${volatile(task, "host.cpu")}, ${volatile(task, "cores")} of ${volatile(task, "host.cores")} cores`,
      volatile(task, "backend"),
      "not measured",
    ];
  });
  const total = trained.reduce((sum, artifact) => sum + (flopsOf(artifact) ?? 0), 0);
  const header = ["Type", "Seed", "Images", "Encoder", "Time", "Images/s", "Machine", "Backend", "Energy"];
  return joined([
    table(header, rows, { align: "lrrrrrlll" }),
    `Together ${
      flops(total)
    }. *Encoder*: floating point operations, 2 · multiply-adds · images · passes, where the ` +
    "student passes every view forward and backward (3 passes, also where leaves stay as they are) and the teacher the " +
    "global views forward. Multiply-adds are counted layer by layer at each view's own size; heads, normalisation, views and probes come on top. *Time* is of the last attempt at a " +
    "training, from the start of its process to its end; a training that went on from a checkpoint has no images/s.",
  ]);
}
