/**
 * The work of every stage: it writes its input and a word.
 *
 * @module
 */
import type { Artifact, Context } from "../../../../pipeline/stage.ts";

/** Writes `<name>.txt`. */
export async function run(
  { out }: Context,
  { name, word = name }: { readonly name: string; readonly word?: string },
  inputs: Readonly<Record<string, Artifact<unknown>>>,
): Promise<Record<string, never>> {
  const read = await Promise.all(
    Object.values(inputs).flatMap(({ dir, files }) =>
      Object.keys(files).map((file) => Deno.readTextFile(`${dir}/${file}`))
    ),
  );
  await Deno.writeTextFile(`${out}/${name}.txt`, [...read, `${word}\n`].join(""));
  return {};
}
