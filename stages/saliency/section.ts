/**
 * Figures 3 and 4 of the paper: the stage's pictures of every model, what its leaves are, and whether the maps can be
 * trusted.
 *
 * @module
 */
import type { Artifact } from "../../pipeline/stage.ts";
import { details, image, joined } from "../../formats/markdown.ts";
import { alternatives, type Drawn, modelOf, type Page, type Section } from "../section.ts";
import { gainMap } from "./gain_map.ts";
import { overlayCaption, singleCaption } from "./leaf_captions.ts";
import { leafTables } from "./leaf_tables.ts";
import type { SaliencyMeta } from "./params.ts";
import { sanityPart } from "./sanity_check.ts";

export default {
  order: 30,
  async write(artifacts, page) {
    const shown = page.firstSeeds(artifacts);
    if (shown.length === 0) return undefined;
    const [first, ...others] = await Promise.all(shown.map((artifact) => pictures(artifact, page)));
    return joined([
      "## Figures 3 and 4: what the leaves look at",
      first,
      ...others.map((pair, i) => details(page.title(shown[i + 1]), pair)),
      leafTables(artifacts, page),
      ...await gainMap(artifacts, page),
      await sanityPart(shown, page),
    ]);
  },
} satisfies Section<SaliencyMeta>;

async function pictures(artifact: Artifact<SaliencyMeta>, page: Page): Promise<string> {
  const title = page.title(artifact);
  const [figure3, figure4, methods] = await Promise.all(
    ["figure3", "figure4", "methods"].map((figure) => copied(artifact, { figure, page })),
  );
  return joined([
    figure3 && image(`Saliency maps over test images, ${title}`, figure3.png),
    figure3 && `*Figure 3, ${title}.* ${overlayCaption(artifact)}${alternatives(figure3)}`,
    figure4 && image(`Saliency maps one by one, ${title}`, figure4.png),
    figure4 && `*Figure 4, ${title}.* ${singleCaption(artifact)}${alternatives(figure4)}`,
    methods && details("The same by four methods", methodPicture(title, methods)),
  ]);
}

async function copied(
  artifact: Artifact<SaliencyMeta>,
  { figure, page }: { readonly figure: string; readonly page: Page },
): Promise<Drawn | undefined> {
  const [png, svg, csv] = await Promise.all(["png", "svg", "csv"].map((ending) => {
    const name = `${figure}-${modelOf(artifact)}.${ending}`;
    return page.copy(artifact, { file: `${figure}.${ending}`, name });
  }));
  return png === undefined ? undefined : { png, svg, csv };
}

function methodPicture(title: string, methods: Drawn): string {
  return joined([
    image(`Saliency maps by four methods, ${title}`, methods.png),
    `The first leaf of Figure 4 by the released map, the gradient of the embedding, SmoothGrad and integrated gradients.${
      alternatives(methods)
    }`,
  ]);
}
