/**
 * Figure 2 of the paper: training images and what the networks see of them.
 *
 * @module
 */
import type { Artifact } from "../../pipeline/stage.ts";
import { image, joined } from "../../formats/markdown.ts";
import { from, type Section } from "../section.ts";
import type { AugmentCacheMeta } from "./params.ts";

export default {
  order: 20,
  async write([views], page) {
    const sheet = await page.copy(views, { file: "contact_sheet.png", name: "figure2.png" });
    if (sheet === undefined) return undefined;
    return joined([
      "## Figure 2: views",
      image("Training images and their augmented views", sheet),
      `*Figure 2.* Training images (left) and what the networks see of them: ${viewCounts(views)}. ` +
      `Cropped, flipped, colour-jittered, sometimes grey, blurred or solarised, as in ` +
      `[the recipe](../../docs/recipe.md#augmentation). Shown before normalisation. From ` +
      `${from(views.task, `\`${views.task}\``)}.`,
    ]);
  },
} satisfies Section<AugmentCacheMeta>;

function viewCounts({ task, meta }: Artifact<AugmentCacheMeta>): string {
  const views = (count: number, size: number, name: string) =>
    `${from(task, String(count))} ${name} view${count === 1 ? "" : "s"} of ${size} × ${size} pixels`;
  const globals = views(meta.globals, meta.globalSize, "global");
  return meta.locals === 0
    ? `${globals} an image`
    : `${globals} and ${views(meta.locals, meta.localSize, "local")} an image`;
}
