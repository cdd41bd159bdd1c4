/**
 * Which task can be looked at next: the first, in the graph's order, of those whose inputs have all ended. The end of a
 * task costs no more than its readers, whatever the size of the graph.
 *
 * @module
 */
import TinyQueue from "tinyqueue";
import { dependencies } from "../tasks/graph.ts";
import type { Task } from "../stage.ts";

/** Tasks that wait for others. Every task is due once, and again for every time that one of its inputs is reopened. */
export class Agenda {
  readonly #ranks: ReadonlyMap<Task, number>;
  readonly #readers = new Map<Task, Task[]>();
  /** Inputs that have not ended. */
  readonly #open = new Map<Task, number>();
  readonly #due: SortedTasks;

  /** `tasks` are topologically sorted and closed under inputs. */
  constructor(tasks: readonly Task[]) {
    this.#ranks = new Map(tasks.map((task, i) => [task, i]));
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
    return new SortedTasks(this.#ranks);
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

/** A set of tasks of which the first in the graph's order can be taken. */
export class SortedTasks {
  readonly #members = new Set<Task>();
  /** Members, and some that were deleted and are passed over when they come up. */
  readonly #queue: TinyQueue<Task>;

  constructor(ranks: ReadonlyMap<Task, number>) {
    this.#queue = new TinyQueue<Task>([], (a, b) => ranks.get(a)! - ranks.get(b)!);
  }

  add(task: Task): void {
    if (this.#members.has(task)) return;
    this.#members.add(task);
    this.#queue.push(task);
  }

  delete(task: Task): void {
    this.#members.delete(task);
  }

  /** The first one, which stays. */
  peek(): Task | undefined {
    let first = this.#queue.peek();
    for (; first !== undefined && !this.#members.has(first); first = this.#queue.peek()) this.#queue.pop();
    return first;
  }

  /** Takes the first one out. */
  take(): Task | undefined {
    const task = this.peek();
    if (task === undefined) return undefined;
    this.#members.delete(task);
    return this.#queue.pop();
  }
}
