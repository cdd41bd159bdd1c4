/**
 * Which task can be looked at next: the first, in the graph's order, of those whose inputs have all ended. The end of a
 * task costs no more than its readers, whatever the size of the graph.
 *
 * @module
 */
import { dependencies, type Task } from "./graph.ts";

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

interface Ranked {
  readonly task: Task;
  readonly rank: number;
}

/** A set of tasks of which the first in the graph's order can be taken: a binary heap. */
export class SortedTasks {
  readonly #ranks: ReadonlyMap<Task, number>;
  readonly #members = new Set<Task>();
  /** Of members, and of some that were deleted and are passed over when they come up. */
  readonly #heap: Ranked[] = [];

  constructor(ranks: ReadonlyMap<Task, number>) {
    this.#ranks = ranks;
  }

  add(task: Task): void {
    if (this.#members.has(task)) return;
    this.#members.add(task);
    this.#heap.push({ task, rank: this.#ranks.get(task)! });
    this.#rise(this.#heap.length - 1);
  }

  delete(task: Task): void {
    this.#members.delete(task);
  }

  /** The first one, which stays. */
  peek(): Task | undefined {
    while (this.#heap.length > 0 && !this.#members.has(this.#heap[0].task)) this.#removeFirst();
    return this.#heap[0]?.task;
  }

  /** Takes the first one out. */
  take(): Task | undefined {
    const task = this.peek();
    if (task === undefined) return undefined;
    this.#members.delete(task);
    this.#removeFirst();
    return task;
  }

  #removeFirst(): void {
    const last = this.#heap.pop()!;
    if (this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(at: number): void {
    const parent = (at - 1) >> 1;
    if (at === 0 || this.#heap[parent].rank <= this.#heap[at].rank) return;
    this.#swap(at, parent);
    this.#rise(parent);
  }

  #sink(at: number): void {
    const [left, right] = [2 * at + 1, 2 * at + 2];
    let least = at;
    for (const child of [left, right]) {
      if (child < this.#heap.length && this.#heap[child].rank < this.#heap[least].rank) least = child;
    }
    if (least === at) return;
    this.#swap(at, least);
    this.#sink(least);
  }

  #swap(a: number, b: number): void {
    [this.#heap[a], this.#heap[b]] = [this.#heap[b], this.#heap[a]];
  }
}
