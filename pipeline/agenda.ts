/**
 * Which task can be looked at next: the first, in the graph's order, of those whose inputs have all ended. The end of a
 * task costs no more than its readers, whatever the size of the graph.
 *
 * @module
 */
import { dependencies, type Task } from "./graph.ts";

/** Tasks that wait for others. Every task is due once, and again for every time that one of its inputs is reopened. */
export class Agenda {
  readonly #rank: ReadonlyMap<Task, number>;
  readonly #readers = new Map<Task, Task[]>();
  /** Inputs that have not ended. */
  readonly #open = new Map<Task, number>();
  readonly #due: SortedTasks;

  /** `tasks` are topologically sorted and closed under inputs. */
  constructor(tasks: readonly Task[]) {
    this.#rank = new Map(tasks.map((task, i) => [task, i]));
    this.#due = this.queue();
    for (const task of tasks) {
      const inputs = new Set(dependencies(task));
      this.#open.set(task, inputs.size);
      if (inputs.size === 0) this.#due.add(task);
      for (const input of inputs) {
        const readers = this.#readers.get(input);
        if (readers) readers.push(task);
        else this.#readers.set(input, [task]);
      }
    }
  }

  /** An empty queue in the graph's order. */
  queue(): SortedTasks {
    return new SortedTasks((task) => this.#rank.get(task)!);
  }

  /** Takes the next task that is due, if any is. */
  next(): Task | undefined {
    return this.#due.take();
  }

  /** A task has ended: those that read it wait for one less. */
  end(task: Task): void {
    for (const reader of this.#readers.get(task) ?? []) {
      const open = this.#open.get(reader)! - 1;
      this.#open.set(reader, open);
      if (open === 0) this.#due.add(reader);
    }
  }

  /** A task that had ended has to be done again: it is due, and those that read it wait. Returns these. */
  reopen(task: Task): readonly Task[] {
    const readers = this.#readers.get(task) ?? [];
    for (const reader of readers) {
      this.#open.set(reader, this.#open.get(reader)! + 1);
      this.#due.delete(reader);
    }
    this.#due.add(task);
    return readers;
  }
}

/** A set of tasks in the graph's order. */
export class SortedTasks {
  readonly #rankOf: (task: Task) => number;
  /** Last first: the next one is taken off the end. */
  readonly #tasks: Task[] = [];

  constructor(rankOf: (task: Task) => number) {
    this.#rankOf = rankOf;
  }

  /** The first one, which stays. */
  peek(): Task | undefined {
    return this.#tasks.at(-1);
  }

  /** Takes the first one out. */
  take(): Task | undefined {
    return this.#tasks.pop();
  }

  add(task: Task): void {
    const at = this.#find(task);
    if (this.#tasks[at] !== task) this.#tasks.splice(at, 0, task);
  }

  delete(task: Task): void {
    const at = this.#find(task);
    if (this.#tasks[at] === task) this.#tasks.splice(at, 1);
  }

  /** Where it is, or would be. */
  #find(task: Task): number {
    const rank = this.#rankOf(task);
    let [low, high] = [0, this.#tasks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#rankOf(this.#tasks[middle]) > rank) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
