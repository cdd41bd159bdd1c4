/**
 * The last stage.
 *
 * @module
 */
import type { Artifact, Context } from "../../../../pipeline/stage.ts";
import { run as passOn } from "./pass_on.ts";

/** The word that an edit changes. */
const WORD = "report";

/** Writes `report.txt`. */
export function run(
  context: Context,
  params: { readonly name: string },
  inputs: Readonly<Record<string, Artifact<unknown>>>,
): Promise<Record<string, never>> {
  return passOn(context, { ...params, word: WORD }, inputs);
}
