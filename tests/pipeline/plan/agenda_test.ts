import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Agenda, SortedTasks } from "../../../pipeline/plan/ready_tasks.ts";
import type { Task } from "../../../pipeline/stage.ts";

/** Task i reads the tasks whose numbers are given. */
function graphOf(inputs: readonly (readonly number[])[]): Task[] {
  const tasks: Task[] = [];
  for (const [i, numbers] of inputs.entries()) {
    tasks.push({ id: String(i), inputs: { all: numbers.map((n) => tasks[n]) } } as unknown as Task);
  }
  return tasks;
}

const graphs = fc.array(fc.array(fc.nat(50), { maxLength: 4 }), { maxLength: 40 }).map((lists) =>
  graphOf(lists.map((list, i) => [...new Set(list.filter((n) => n < i))]))
);

function drain(agenda: Agenda): string[] {
  const ids: string[] = [];
  for (let task = agenda.next(); task !== undefined; task = agenda.next()) {
    ids.push(task.id);
    agenda.end(task);
  }
  return ids;
}

Deno.test("tasks are due in the graph's order once their inputs have ended", () => {
  fc.assert(fc.property(graphs, (tasks) => {
    assertEquals(drain(new Agenda(tasks)), tasks.map(({ id }) => id));
  }));
});

Deno.test("no task is due before its inputs have ended, whatever ends first", () => {
  fc.assert(fc.property(graphs, fc.infiniteStream(fc.nat()), (tasks, dice) => {
    const agenda = new Agenda(tasks);
    const ended = new Set<Task>();
    const due: Task[] = [];
    for (;;) {
      for (let task = agenda.next(); task !== undefined; task = agenda.next()) due.push(task);
      if (due.length === 0) break;
      const [task] = due.splice(dice.next().value % due.length, 1);
      assert((task.inputs.all as Task[]).every((input) => ended.has(input)));
      ended.add(task);
      agenda.end(task);
    }
    assertEquals(ended.size, tasks.length);
  }));
});

Deno.test("a reopened task is due again, and its readers wait for it", () => {
  const [first, second, third] = graphOf([[], [0], [0, 1]]);
  const agenda = new Agenda([first, second, third]);
  assertEquals(agenda.next(), first);
  agenda.end(first);
  assertEquals(agenda.reopen(first), [second, third]);
  assertEquals(agenda.next(), first);
  assertEquals(agenda.next(), undefined);
  agenda.end(first);
  assertEquals(agenda.next(), second);
  agenda.end(second);
  assertEquals(drain(agenda), ["2"]);
});

Deno.test("n tasks are sorted by at most 4 · n · log2(n) comparisons", () => {
  let read = 0;
  const counted = (rank: number) => ({ valueOf: () => (read++, rank) }) as unknown as number;
  for (const n of [100, 10_000]) {
    const tasks = graphOf(Array.from({ length: n }, () => []));
    const sorted = new SortedTasks(new Map(tasks.map((task, i) => [task, counted(n - i)])));
    read = 0;
    for (const task of tasks) sorted.add(task);
    for (const task of tasks.toReversed()) assertEquals(sorted.take(), task);
    assert(read / 2 <= 4 * n * Math.log2(n), `${read / 2} comparisons of ${n} tasks`); // two ranks each
  }
});
