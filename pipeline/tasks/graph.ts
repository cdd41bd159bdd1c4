/**
 * Expands stages over their axes into tasks, each after its inputs.
 *
 * @module
 */
import { UsageError } from "../base/errors.ts";
import { suggestion } from "../base/suggestion.ts";
import type { AnyStage, Every, Inputs, Point, Task } from "../stage.ts";

export interface GraphOptions {
  /** Values of every axis. */
  readonly axes: Readonly<Record<string, readonly (string | number)[]>>;
  /** Points at which a stage has no task. @default none */
  readonly leavesOut?: (stage: AnyStage, point: Point) => boolean;
  /** Parameters of a stage at a point; `inputs` are its input tasks. */
  readonly params: (stage: AnyStage, point: Point, inputs: readonly Task[]) => unknown;
}

/**
 * All tasks, topologically sorted: stages in the given order as far as their inputs allow, points in the
 * order of the axes. Throws a UsageError for a cycle, an input that is no stage or is not among the stages,
 * an unknown axis, or an input with an axis that its reader lacks.
 */
export function buildGraph(stages: readonly AnyStage[], options: GraphOptions): readonly Task[] {
  const built = new Map<AnyStage, StageTasks>();
  for (const stage of sortStages(stages)) {
    const points = pointsOf(stage, options.axes).filter((point) => !options.leavesOut?.(stage, point));
    const tasks = points.map((point) => taskOf(stage, point, { built, params: options.params }));
    built.set(stage, { tasks, byPoint: new Map(tasks.map((task) => [pointKey(stage, task.point), task])) });
  }
  return [...built.values()].flatMap(({ tasks }) => tasks);
}

/** The tasks of one stage, indexed by point: a stage may have ten thousand. */
interface StageTasks {
  readonly tasks: readonly Task[];
  readonly byPoint: ReadonlyMap<string, Task>;
}

function pointKey(stage: AnyStage, point: Point): string {
  return JSON.stringify(stage.axes.map((axis) => point[axis]));
}

function sortStages(stages: readonly AnyStage[]): AnyStage[] {
  const sorted: AnyStage[] = [];
  const visit = (stage: AnyStage, path: readonly AnyStage[]) => {
    if (path.includes(stage)) {
      const cycle = [...path.slice(path.indexOf(stage)), stage].map(({ name }) => name).join(" → ");
      throw new UsageError(`Cannot order the stages: ${cycle} is a cycle, remove one of these inputs`);
    }
    if (sorted.includes(stage)) return;
    for (const [name, input] of Object.entries(stage.inputs as Inputs)) {
      if (isLeftOut(input, stages)) continue;
      visit(upstream(stage, name, { input, stages }), [...path, stage]);
    }
    sorted.push(stage);
  };
  for (const stage of stages) visit(stage, []);
  return sorted;
}

function upstream(
  stage: AnyStage,
  name: string,
  { input, stages }: { readonly input: AnyStage | Every | undefined; readonly stages: readonly AnyStage[] },
): AnyStage {
  const found = isEvery(input) ? input.every : input;
  if (found?.name === undefined) {
    throw new UsageError(`Cannot order the stages: input "${name}" of ${stage.name} is not a stage`);
  }
  if (stages.includes(found)) return found;
  const names = stages.map((other) => other.name);
  throw new UsageError(
    `Cannot order the stages: ${stage.name} needs ${found.name}, which the profile does not name` +
      (names.includes(found.name) ? " (another module of that name does)" : ", add it to the profile"),
  );
}

function isEvery(input: AnyStage | Every | undefined): input is Every {
  return input !== undefined && "every" in input;
}

function isLeftOut(input: AnyStage | Every | undefined, stages: readonly AnyStage[]): boolean {
  return isEvery(input) && input.optional === true && !stages.includes(input.every);
}

function pointsOf(stage: AnyStage, axes: GraphOptions["axes"]): Point[] {
  return stage.axes.reduce<Point[]>((points, axis) => {
    const values = axes[axis];
    if (values === undefined) {
      throw new UsageError(
        `Cannot expand ${stage.name}: no axis "${axis}"${suggestion(axis, Object.keys(axes))}`,
      );
    }
    refuseDuplicates(stage, axis, values);
    return points.flatMap((point) => values.map((value) => ({ ...point, [axis]: value })));
  }, [{}]);
}

/** Refuses repeated values, as two tasks of one name would write to one folder. */
function refuseDuplicates(stage: AnyStage, axis: string, values: readonly (string | number)[]): void {
  const seen = new Set<string>();
  for (const value of values.map(String)) {
    if (seen.has(value)) {
      throw new UsageError(
        `Cannot expand ${stage.name}: ${axis} ${value} is there twice, name it once`,
      );
    }
    seen.add(value);
  }
}

function taskOf(
  stage: AnyStage,
  point: Point,
  { built, params }: {
    readonly built: ReadonlyMap<AnyStage, StageTasks>;
    readonly params: GraphOptions["params"];
  },
): Task {
  const inputs: Record<string, Task | readonly Task[]> = {};
  for (const [name, input] of Object.entries(stage.inputs as Inputs)) {
    inputs[name] = isEvery(input)
      ? built.get(input.every)?.tasks ?? []
      : matching(stage, point, { input, built });
  }
  return {
    id: idOf(stage, point),
    stage,
    point,
    place: placeOf(stage, point),
    params: params(stage, point, Object.values(inputs).flat()),
    inputs,
  };
}

function idOf({ name }: AnyStage, point: Point): string {
  const values = Object.values(point);
  return values.length === 0 ? name : `${name}[${values.join(",")}]`;
}

/** The folder of a stage's artifacts at a point, which may have more axes than the stage. */
export function placeOf({ name, axes }: Pick<AnyStage, "name" | "axes">, point: Point): string {
  return `${name}/${axes.length === 0 ? "main" : axes.map((axis) => point[axis]).join("-")}`;
}

function matching(
  stage: AnyStage,
  point: Point,
  { input, built }: { readonly input: AnyStage; readonly built: ReadonlyMap<AnyStage, StageTasks> },
): Task {
  const found = built.get(input)!.byPoint.get(pointKey(input, point));
  if (found !== undefined) return found;
  const extra = input.axes.filter((axis) => !stage.axes.includes(axis)).join(", ");
  const { name } = input;
  if (extra === "") {
    throw new UsageError(
      `Cannot match ${name} to ${idOf(stage, point)}: it is left out there, leave out both`,
    );
  }
  throw new UsageError(
    `Cannot match ${name} to ${stage.name}: ${name} has an axis ${extra} that ${stage.name} lacks, ask for every(${name})`,
  );
}

/** The input tasks of a task. */
export function dependencies(task: Task): readonly Task[] {
  return Object.values(task.inputs).flat();
}

/** The input tasks, each with the files that the task may read; `undefined` means all files. */
export function filesRead(task: Task): ReadonlyMap<Task, readonly string[] | undefined> {
  const found = new Map<Task, readonly string[] | undefined>();
  for (const [name, input] of Object.entries(task.inputs)) {
    const files: readonly string[] | undefined = task.stage.reads?.[name];
    for (const each of [input].flat()) {
      const before = found.has(each) ? found.get(each) : [];
      found.set(each, files && before && [...before, ...files]);
    }
  }
  return found;
}

/** The tasks and everything upstream of them. */
export function withUpstream(tasks: Iterable<Task>): ReadonlySet<Task> {
  const found = new Set<Task>();
  const visit = (task: Task) => {
    if (found.has(task)) return;
    found.add(task);
    dependencies(task).forEach(visit);
  };
  for (const task of tasks) visit(task);
  return found;
}

/** The tasks and everything downstream of them. `graph` is topologically sorted. */
export function withDownstream(graph: readonly Task[], tasks: Iterable<Task>): ReadonlySet<Task> {
  const found = new Set(tasks);
  for (const task of graph) {
    if (dependencies(task).some((dependency) => found.has(dependency))) found.add(task);
  }
  return found;
}

/** The tasks that a NAME means: a task id, or all of a stage. Throws a UsageError for an unknown name. */
export function tasksNamed(graph: readonly Task[], name: string): readonly Task[] {
  const found = graph.filter((task) => task.id === name || task.stage.name === name);
  if (found.length > 0) return found;
  const names = [...new Set(graph.flatMap((task) => [task.stage.name, task.id]))];
  throw new UsageError(`Cannot find "${name}": no such stage or task${suggestion(name, names)}`);
}
