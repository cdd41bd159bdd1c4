/**
 * The order of work: the next task is the first in the graph's order whose inputs have all ended. Ending a
 * task costs time in proportion to its readers, whatever the size of the graph.
 *
 * @module
 */
import TinyQueue from "tinyqueue";
import { dependencies } from "../tasks/graph.ts";
import type { Task } from "../stage.ts";

/** Tasks that wait for their inputs. Each is due once, and again when one of its inputs is reopened. */
export class Agenda {
  readonly #ranks: ReadonlyMap<Task, number>;
  readonly #readers = new Map<Task, Task[]>();
  /** The number of inputs that have not ended, by task. */
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

  /** Removes and returns the next task that is due, if any. */
  next(): Task | undefined {
    return this.#due.take();
  }

  /** Marks a task as ended: its readers wait for one input less. */
  end(task: Task): void {
    for (const reader of this.#readers.get(task) ?? []) {
      const open = this.#open.get(reader)! - 1;
      this.#open.set(reader, open);
      if (open === 0) this.#due.add(reader);
    }
  }

  /** Makes a task that had ended due again, and its readers wait. Returns the readers. */
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

/** A set of tasks that returns the first one in the graph's order. */
export class SortedTasks {
  readonly #members = new Set<Task>();
  /** The members, and deleted tasks that are skipped when they come first. */
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

  /** The first task, which stays in the set. */
  peek(): Task | undefined {
    let first = this.#queue.peek();
    for (; first !== undefined && !this.#members.has(first); first = this.#queue.peek()) this.#queue.pop();
    return first;
  }

  /** Removes and returns the first task. */
  take(): Task | undefined {
    const task = this.peek();
    if (task === undefined) return undefined;
    this.#members.delete(task);
    return this.#queue.pop();
  }
}
