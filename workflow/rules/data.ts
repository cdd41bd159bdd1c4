/**
 * The rule about a data set of the user's own, whose size is known once it is here. The official data set has
 * as many images as a profile may ask for.
 *
 * @module
 */
import type { Artifact } from "../../pipeline/stage.ts";
import { OFFICIAL_MD5 } from "../../stages/download/official.ts";
import { CLASSES, readCifar } from "../../formats/cifar.ts";
import { atMost, type Fault } from "./rule.ts";

/** Parameters that are numbers of images, equally many of each class, with the part they are drawn from. */
const PARTS = { trainImages: "train", testImages: "test" } as const;

/** A stage's name and its parameters. */
interface Reader {
  readonly stage: { readonly name: string };
  readonly params: unknown;
}

/** First fault: a number of images that the artifact of `download` does not have. */
export async function faultOfData(
  { dir, key, elsewhere = [] }: Artifact,
  readers: readonly Reader[],
): Promise<Fault | undefined> {
  const { md5 } = key.params as { readonly md5: Readonly<Record<string, string>> };
  const isOfficial = Object.entries(OFFICIAL_MD5).every(([batch, digest]) => md5[batch] === digest);
  if (isOfficial || elsewhere.length > 0) return undefined;
  // The engine finds damage itself, and builds the artifact again.
  const data = await readCifar(dir).catch(() => undefined);
  if (data === undefined) return undefined;
  for (const [field, part] of Object.entries(PARTS)) {
    const counts = CLASSES.map((_, label) => data[part].labels.filter((each) => each === label).length);
    const least = Math.min(...counts);
    const why = `as the data set has ${least} ${part} images of class ${CLASSES[counts.indexOf(least)]}`;
    for (const { stage, params } of readers) {
      const found = (params as Readonly<Record<string, unknown>>)[field];
      if (typeof found !== "number") continue;
      const fault = atMost(CLASSES.length * least, { field: `${stage.name}.${field}`, found, why });
      if (fault) return fault;
    }
  }
}
