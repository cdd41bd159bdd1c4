/**
 * Training curves: what the logs say of every run, and whether it collapsed.
 *
 * @module
 */
import type { Artifact } from "../../pipeline/stage.ts";
import { image, joined } from "../../formats/markdown.ts";
import { listed, thousands } from "../../formats/written_numbers.ts";
import { alternatives, type Page, type Section, tasksOf } from "../section.ts";
import { type Curve, mostPoints, type Quantity, thinned } from "../../treenet/figures/curves.ts";
import type { TrainMeta } from "./params.ts";

type Trained = Artifact<Pick<TrainMeta, "method">>;

export default {
  order: 60,
  async write(trained, page) {
    const picture = await page.drawCurves("curves", {
      title: "Training curves by images seen",
      curves: await Promise.all(trained.map((artifact) => readLog(artifact, page))),
      quantities,
    });
    return joined([
      "## Training curves",
      image("Loss, teacher entropy, KL divergence and feature SD over images seen", picture.png),
      `*Training curves.* One line a run, from the log.csv of ${tasksOf(trained)}; a log of more than ` +
      `${thousands(mostPoints)} steps is averaged over stretches of equal length. ` +
      `A run that collapses shows it here: ${collapseInWords(trained, page)}.` +
      alternatives(picture),
    ]);
  },
} satisfies Section<Pick<TrainMeta, "method">>;

const always = { required: true };
const maybe = { required: false };

/** Columns of `log.csv` that are drawn. */
const quantities: readonly Quantity[] = [
  { column: "loss", title: "Loss", ...always },
  { column: "teacher_entropy", title: "Teacher entropy (nats)", ...always },
  { column: "kl", title: "KL(teacher ‖ student) (nats)", ...always },
  { column: "feature_sd", title: "Spread of the embeddings (SD × √D; 1 at most)", ...always },
  { column: "rankme", title: "Effective rank of the embeddings (RankMe)", ...maybe },
  { column: "leaf_cosine", title: "Cosine similarity between leaves", ...maybe },
];

async function readLog(artifact: Trained, page: Page): Promise<Curve> {
  const curve = await page.readCurve(artifact, { file: "log.csv", quantities });
  return { ...curve, log: thinned(curve.log) };
}

/** Signs of a collapse for the methods of the run; only DINO's teacher has distributions and an entropy. */
function collapseInWords(trained: readonly Trained[], page: Page): string {
  const methods = new Set(trained.map(({ meta }) => meta.method));
  if (!methods.has("dino")) return "the spread of the embeddings falls to zero";
  const dino = `KL and spread fall to zero, or the teacher's entropy comes to ${
    uniformEntropy(trained, page)
  }`;
  return methods.size === 1 ? dino : `of DINO's, ${dino}; of the others, the spread falls to zero`;
}

/** The part of a training's parameters that decides the entropy of a teacher that says nothing. */
interface Settings {
  readonly head?: { readonly prototypes?: number };
}

/** Entropy of a DINO teacher that says nothing, ln K nats. */
function uniformEntropy(trained: readonly Trained[], page: Page): string {
  const all = trained.filter(({ meta }) => meta.method === "dino")
    .map((artifact) => (page.settings(artifact) as Settings).head?.prototypes);
  const outputs = [...new Set(all)].filter((k) => k !== undefined);
  const values = outputs.map((k) => `ln ${thousands(k)} = ${Math.log(k).toFixed(2)}`);
  return values.length === 0
    ? "that of a uniform distribution"
    : `${listed(values)}, that of a uniform distribution`;
}
