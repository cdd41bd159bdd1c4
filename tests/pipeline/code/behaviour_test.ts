import { assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { behaviourOf, type Linking } from "../../../pipeline/code/behaviour.ts";
import { sha256 } from "../../../pipeline/base/json.ts";

/** A module of a generated graph; `imports` are the numbers of modules, each bound to a name of its own. */
interface Module {
  readonly text: number;
  readonly acts: boolean;
  readonly imports: readonly number[];
  /** Numbers of workers. */
  readonly workers: readonly number[];
}

type Graph = readonly Module[];

/** Graphs with cycles, modules that import themselves, unreached modules, and many modules of the same text. */
function graphs(size: number, acts: fc.Arbitrary<boolean>): fc.Arbitrary<Graph> {
  const some = fc.array(fc.nat(size - 1), { maxLength: 3 });
  const module = fc.record({
    text: fc.nat(1),
    acts,
    imports: some,
    workers: fc.array(fc.nat(size - 1), { maxLength: 1 }),
  });
  return fc.array(module, { minLength: size, maxLength: size });
}

const SIZE = 6;
const still = graphs(SIZE, fc.constant(false));
/** A file name for each module. */
const names = fc.shuffledSubarray(["a", "b", "c", "d", "e", "f", "g/a", "g/b"], {
  minLength: SIZE,
  maxLength: SIZE,
});
const PLAIN = ["a", "b", "c", "d", "e", "f"];

/**
 * The graph in files of some names, imports sorted by these as `deno fmt` does it. A text shows how many modules it imports,
 * and how many it starts as workers.
 */
function linking(graph: Graph, names: readonly string[]): Linking {
  return Object.fromEntries(graph.map(({ text, acts, imports, workers }, i) => {
    const placed = imports.map((to, rank) => ({ specifier: names[to], url: names[to], rank }));
    const order = placed.toSorted((a, b) => (a.url < b.url ? -1 : a.url > b.url ? 1 : 0));
    const references = [
      ...placed.map((each) => ({ ...each, order: order.indexOf(each) })),
      ...workers.map((to, at) => ({ specifier: names[to], url: names[to], rank: imports.length + at })),
    ];
    return [names[i], {
      own: { digest: sha256(`${text} ${acts} ${imports.length} ${workers.length}`), acts },
      references,
    }];
  }));
}

const digest = (graph: Graph, files = PLAIN) => behaviourOf(files[0], linking(graph, files));

/** Numbers of the modules that are reached from the first. */
function reachable(graph: Graph): number[] {
  const found = new Set([0]);
  for (const i of found) [...graph[i].imports, ...graph[i].workers].forEach((to) => found.add(to));
  return [...found];
}

/** True where some assignment of the reached modules makes the first modules the same. */
function areSame(a: Graph, b: Graph): boolean {
  const [from, to] = [reachable(a), reachable(b)];
  if (from.length !== to.length) return false;
  const fits = (image: ReadonlyMap<number, number>) =>
    from.every((i) => {
      const [one, other] = [a[i], b[image.get(i)!]];
      const mapped = (list: readonly number[]) => list.map((target) => image.get(target)).join();
      return one.text === other.text && mapped(one.imports) === other.imports.join() &&
        mapped(one.workers) === other.workers.join();
    });
  const tried = (image: ReadonlyMap<number, number>, left: readonly number[]): boolean =>
    image.size === from.length
      ? fits(image)
      : left.some((i) =>
        tried(new Map([...image, [from[image.size], i]]), left.filter((other) => other !== i))
      );
  return tried(new Map([[0, 0]]), to.filter((i) => i !== 0));
}

Deno.test("a renamed or moved file changes no digest", () => {
  fc.assert(fc.property(still, names, (graph, names) => assertEquals(digest(graph, names), digest(graph))));
});

Deno.test("a changed constant changes the digest of whatever reaches it, and no other", () => {
  fc.assert(fc.property(still, fc.nat(SIZE - 1), names, (graph, edited, names) => {
    const changed = graph.map((module, i) => i === edited ? { ...module, text: 2 } : module);
    assertEquals(digest(changed, names) === digest(graph), !reachable(graph).includes(edited));
  }));
});

Deno.test("two digests are equal exactly if the modules are the same up to their names", () => {
  let equal = 0;
  fc.assert(
    fc.property(graphs(5, fc.constant(false)), fc.nat(4), fc.nat(9), fc.nat(4), (graph, from, at, to) => {
      const other = graph.map((module, i) => {
        if (i !== from || module.imports.length === 0) return module;
        return { ...module, imports: module.imports.with(at % module.imports.length, to) };
      });
      const isSame = areSame(graph, other);
      if (isSame && JSON.stringify(other) !== JSON.stringify(graph)) equal++;
      assertEquals(digest(graph) === digest(other), isSame);
    }),
    { numRuns: 1000 },
  );
  assertEquals(equal > 10, true, "some graphs differ in numbers alone");
});

Deno.test("two modules of equal text that import other things are told apart, and so is who shares one", () => {
  const still = { acts: false, workers: [] };
  const leaf = (text: number) => ({ ...still, text, imports: [] });
  const twin = (to: number) => ({ ...still, text: 1, imports: [to] });
  const twins = [{ ...still, text: 0, imports: [1, 2] }, twin(3), twin(4), leaf(5), leaf(6)];
  const swapped = twins.with(0, { ...still, text: 0, imports: [2, 1] });
  assertNotEquals(digest(twins), digest(swapped));
  const user = (to: number) => ({ ...still, text: 1, imports: [to] });
  const users = (
    ...to: number[]
  ) => [{ ...still, text: 0, imports: [1, 2, 3] }, ...to.map(user), leaf(5), leaf(5)];
  assertNotEquals(digest(users(4, 4, 5)), digest(users(4, 5, 5)), "each copy has variables of its own");
});

/** The acting modules in the order in which ECMAScript evaluates them, for all that is loaded apart. */
function evaluations(graph: Graph, names: readonly string[]): string {
  const entries = [0, ...new Set(reachable(graph).flatMap((i) => graph[i].workers))].sort();
  return entries.map((entry) => {
    const order: number[] = [];
    const seen = new Set<number>();
    const load = (i: number) => {
      if (seen.has(i)) return;
      seen.add(i);
      graph[i].imports.toSorted((a, b) => (names[a] < names[b] ? -1 : 1)).forEach(load);
      if (graph[i].acts) order.push(i);
    };
    load(entry);
    return order.join();
  }).join(";");
}

Deno.test("names count exactly where they change the order in which acting modules are evaluated", () => {
  // Texts of their own: modules of equal text could change places unseen.
  const acting = graphs(SIZE, fc.boolean()).map((graph) =>
    graph.map((module, i) => ({ ...module, text: i }))
  );
  let moved = 0;
  fc.assert(
    fc.property(acting, names, (graph, names) => {
      const isSame = evaluations(graph, names) === evaluations(graph, PLAIN);
      if (!isSame) moved++;
      assertEquals(digest(graph, names) === digest(graph), isSame);
    }),
    { numRuns: 300 },
  );
  assertEquals(moved > 10, true, "some names move an acting module");
});

Deno.test("re-exports of everything, whose texts are equal, are told apart by what they lead to", () => {
  const own = (text: string) => ({ digest: sha256(text), acts: false });
  const all = (files: readonly string[]) =>
    behaviourOf("root", {
      root: {
        own: own("root"),
        references: files.map((url, order) => ({ specifier: url, url, rank: 0, order })),
      },
      one: { own: own("1"), references: [] },
      two: { own: own("2"), references: [] },
    });
  assertEquals(all(["one", "two"]), all(["two", "one"]));
});

Deno.test("a reference that leads nowhere counts as it is written", () => {
  const root = (specifier: string) =>
    behaviourOf("root", {
      root: { own: { digest: sha256("root"), acts: false }, references: [{ specifier, rank: 0 }] },
    });
  assertNotEquals(root("./gone.bin"), root("./lost.bin"));
});
