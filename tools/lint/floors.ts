/**
 * The floors of the house, top to bottom: imports run down, never up, and never from one room to another of the same
 * floor.
 *
 * @module
 */

/** Rooms (files or folders) of one floor share a line; the first floor is the top. */
const FLOORS: readonly (readonly string[])[] = [
  ["workflow/mod.ts"],
  ["workflow/commands"],
  ["workflow/rules"],
  ["stages", "workflow/backends", "workflow/archive_policy"],
  ["pipeline/mod.ts"],
  ["pipeline/cli"],
  ["pipeline/compare"],
  ["pipeline/archive"],
  ["pipeline/run"],
  ["pipeline/plan"],
  ["pipeline/store"],
  ["pipeline/tasks"],
  ["pipeline/workflow.ts"],
  ["pipeline/archive_policy.ts", "pipeline/child", "pipeline/code"],
  ["pipeline/backend.ts"],
  ["pipeline/stage.ts"],
  ["pipeline/base"],
  ["treenet"],
  ["formats"],
];

/**
 * The parts of the engine that a stage, a backend or the archive's policy may import: its contracts and its
 * ground floor.
 */
const CONTRACTS = /^pipeline\/(stage|backend|workflow|archive_policy)\.ts$|^pipeline\/base\//;

/** An import between two files of the repository; paths are relative to it and `/`-separated. */
export interface Import {
  readonly from: string;
  readonly to: string;
  /** The import brings only types. */
  readonly isType: boolean;
}

/** The reason why an import is refused, with the way out, or undefined where it is allowed. */
export function refusal({ from, to, isType }: Import): string | undefined {
  const [here, there] = [roomOf(from), roomOf(to)];
  if (here === undefined || there === undefined) return undefined;
  if (from.startsWith("pipeline/") && !to.startsWith("pipeline/")) {
    return `The engine knows nothing of this paper, not ${to}: let the workflow hand it in`;
  }
  if (there.floor < here.floor) {
    return `${to} is a floor above ${from}, and imports run down: move what both need to the lower of the two`;
  }
  if (there.floor === here.floor && there.name !== here.name) {
    return `${to} is another room of the same floor: move what both need a floor down`;
  }
  if (here.floor === roomOf("stages/x")!.floor && to.startsWith("pipeline/") && !CONTRACTS.test(to)) {
    return `A stage imports only the engine's contracts and pipeline/base/, not ${to}`;
  }
  return refusalBetweenStages({ from, to, isType });
}

/**
 * Refuses imports between stages: a task's results may not depend on its stage's declaration, or on another
 * stage's.
 */
function refusalBetweenStages({ from, to, isType }: Import): string | undefined {
  const [, stage, file] = from.match(/^stages\/([^/]+)\/(.+)$/) ?? [];
  const [, other, target] = to.match(/^stages\/([^/]+)\/(.+)$/) ?? [];
  if (stage === undefined || other === undefined) return undefined;
  const isDeclaration = /^(mod|params|estimate)\.ts$/.test(file);
  if (target === "mod.ts" && file !== "mod.ts") {
    return `${from} runs without the declaration ${to}: put what it needs into params.ts`;
  }
  if (target === "params.ts" && !isDeclaration && !isType) {
    return `${from} takes values from ${to}, whose descriptions would enter the key: import types alone`;
  }
  if (stage !== other && target !== "params.ts" && target !== "mod.ts") {
    return `${to} belongs to another stage: import its params.ts, or move what both need to treenet/`;
  }
}

function roomOf(path: string): { readonly name: string; readonly floor: number } | undefined {
  for (const [floor, rooms] of FLOORS.entries()) {
    const name = rooms.find((room) => path === room || path.startsWith(`${room}/`));
    if (name !== undefined) return { name, floor };
  }
}
