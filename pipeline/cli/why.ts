/**
 * `deno task why NAME`: all reasons, and what the key is made of.
 *
 * @module
 */
import { tasksNamed } from "../graph.ts";
import { identityOf } from "../key.ts";
import type { Command } from "../pipeline.ts";
import { assessAll, type Status } from "../plan.ts";
import { count } from "../words.ts";
import { shown, type Workspace } from "../workspace.ts";
import { engineOf, environmentFlags, profileFlags } from "./common.ts";

/** Reads only. */
export const why: Command = {
  summary: "Explain why NAME (a stage or a task) is fresh or not, part of the key by part",
  names: { usage: "NAME", least: 1, most: 1 },
  flags: { ...profileFlags, ...environmentFlags },
  run: async (pipeline, args) => {
    const engine = await engineOf(pipeline, args);
    const named = tasksNamed(engine.tasks, args.names[0]);
    const statuses = await assessAll(engine);
    await engine.digests.save();
    for (const task of named) console.log(explain(engine.workspace, statuses.get(task)!).join("\n"));
    return 0;
  },
};

function explain(workspace: Workspace, { task, state, reasons, artifact, key }: Status): string[] {
  const shownArtifact = artifact &&
    `  ${state === "fresh" ? "artifact" : "compared with"}: ${shown(workspace, artifact.dir)}`;
  return [
    `${task.id} is ${state}`,
    ...reasons.map((reason) => `  ${reason}`),
    ...(shownArtifact ? [shownArtifact] : []),
    ...(key === undefined ? ["  key: not known before its inputs are built"] : [
      `  key: ${identityOf(key).slice(0, 16)}, of the parameters, ${
        count(Object.keys(key.code).length, "module")
      }, ` +
      `${count(Object.keys(key.packages).length, "package")}, ${
        count(Object.keys(key.inputs).length, "input")
      }`,
      ...Object.entries(key.inputs).map(([name, digest]) => `  input ${name}: ${digest.slice(0, 16)}`),
      ...Object.entries(key.environment).map(([name, value]) => `  environment ${name}: ${value}`),
    ]),
  ];
}
