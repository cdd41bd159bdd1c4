/**
 * What `gc` and `clean` share: say what goes, and let it go.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { FileDigests } from "../hash.ts";
import { keepStrays } from "../strays.ts";
import { bytesOf, type Holding } from "../survey.ts";
import { discard } from "../trash.ts";
import { bytes } from "../words.ts";
import { shown, type Workspace } from "../workspace.ts";

/** One line a holding, and what they come to. */
export function removalLines(
  workspace: Workspace,
  holdings: readonly Holding[],
  verb: "removed" | "would remove",
): string[] {
  return [
    ...holdings.map((each) => `${verb} ${holdingLine(workspace, each)}`),
    `${bytes(bytesOf(holdings))} ${verb === "removed" ? "freed" : "would be freed"}`,
  ];
}

/** `artifacts/.scratch/1f2e (checkpoint of train[cnn,0], 1.2 MB)` */
export function holdingLine(workspace: Workspace, { kind, path, task, bytes: size }: Holding): string {
  return `${shown(workspace, path)} (${[kind, task].filter(Boolean).join(" of ")}, ${bytes(size)})`;
}

/** Deletes, and forgets the digests of what is gone. */
export async function remove(workspace: Workspace, holdings: readonly Holding[]): Promise<void> {
  for (const { path } of holdings.filter(({ kind }) => kind === "artifact")) await keepStrays(path);
  const besides = holdings.filter(({ path }) => dirname(path) === workspace.scratch)
    .flatMap(({ path }) => [`${path}.json`, `${path}.lock`]);
  await discard(workspace, [...holdings.map(({ path }) => path), ...besides]);
  const digests = await FileDigests.open(join(workspace.cache, "digests.json"));
  digests.prune();
  await digests.save();
}
