/**
 * Prints the code part of the keys of a profile, task by task, and its modules, for the checkout that holds
 * this file.
 *
 * @module
 */
import { openEngine, rootsOf } from "../../pipeline/plan/engine.ts";
import { pipeline } from "../../workflow/mod.ts";

/** The object that is printed. */
export interface CodeOfTasks {
  readonly keys: Readonly<Record<string, unknown>>;
  /** Paths from the root of the checkout. */
  readonly modules: readonly string[];
  /** URLs of the modules that processes of tasks load first. */
  readonly roots: readonly string[];
}

if (import.meta.main) {
  const { tasks, code } = await openEngine(pipeline, { profile: "quick" });
  const found: CodeOfTasks = {
    keys: Object.fromEntries(tasks.map((task) => [task.id, [code(task).code, code(task).packages]])),
    modules: [...new Set(tasks.flatMap((task) => Object.keys(code(task).modules)))].sort(),
    roots: tasks.flatMap((task) => Object.values(rootsOf(task))),
  };
  console.log(JSON.stringify(found));
}
