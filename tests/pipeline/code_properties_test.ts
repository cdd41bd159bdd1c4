import { assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { wasmImporting } from "../archive/hostile.ts";
import {
  GeneratedCode,
  type Helper,
  reachable,
  type Repository,
  repository,
  style,
} from "./generated_code.ts";

const STAGES = ["stage_a", "stage_b"] as const;
const inert = repository(fc.constant(false));
const mixed = repository(fc.boolean());

/** Modules whose code is part of a stage's key. */
function owned(modules: Repository, stage: string): string[] {
  return reachable(modules, [stage, stage.replace("stage", "worker")]);
}

async function property<T>(
  name: string,
  { of, runs, holds }: {
    readonly of: fc.Arbitrary<T>;
    readonly runs: number;
    readonly holds: (code: GeneratedCode, value: T) => Promise<void>;
  },
): Promise<void> {
  await Deno.test(name, async () => {
    await using code = await GeneratedCode.create();
    await fc.assert(fc.asyncProperty(of, (value) => holds(code, value)), { numRuns: runs });
  });
}

property(
  "the key of generated code ignores comments, white space, types, quotes, parentheses and import order",
  {
    of: fc.tuple(inert, fc.dictionary(fc.constantFrom("h0", "h1", "h2", "h3", "worker_a", ...STAGES), style)),
    runs: 25,
    async holds(code, [modules, styles]) {
      await code.write(modules);
      const before = await Promise.all(STAGES.map((stage) => code.code(stage)));
      await code.write(modules, styles);
      assertEquals(await Promise.all(STAGES.map((stage) => code.code(stage))), before);
    },
  },
);

property("a changed constant changes the key of every stage that can reach it, and of no other", {
  of: inert.chain((modules) =>
    fc.tuple(
      fc.constant(modules),
      fc.constantFrom(...Object.keys(modules)),
      fc.integer({ min: 100, max: 999 }),
    )
  ),
  runs: 25,
  async holds(code, [modules, name, constant]) {
    await code.write(modules);
    const before = Object.fromEntries(
      await Promise.all(STAGES.map(async (stage) => [stage, await code.code(stage)] as const)),
    );
    const edited: Helper = { ...modules[name], constant };
    await code.write({ ...modules, [name]: edited });
    for (const stage of STAGES) {
      const now = await code.code(stage);
      const changed = Object.keys(now).filter((module) => now[module] !== before[stage][module]);
      assertEquals(changed, owned(modules, stage).includes(name) ? [`${name}.ts`] : []);
    }
  },
});

property("the order of imports counts exactly where it changes what is evaluated when", {
  of: fc.tuple(mixed, fc.dictionary(fc.constantFrom("h0", "h1", "h2", "stage_a"), style)),
  runs: 25,
  async holds(code, [modules, styles]) {
    await code.write(modules);
    const [key, trace] = [await code.code("stage_a"), await code.trace("stage_a")];
    await code.write(modules, styles);
    const isSame = await code.trace("stage_a") === trace;
    if (isSame) {
      const worker = await code.code("stage_a");
      const { "order of imports": before, ...rest } = key;
      const { "order of imports": after, ...others } = worker;
      assertEquals(others, rest);
      if (workerOrder(modules, styles) === workerOrder(modules, {})) assertEquals(after, before);
    } else assertNotEquals(await code.code("stage_a"), key);
  },
});

/** The acting modules of `worker_a` in their order, by the rule of ECMAScript. */
function workerOrder(
  modules: Repository,
  styles: Readonly<Record<string, { readonly backwards: boolean }>>,
): string {
  const turned = Object.fromEntries(
    Object.entries(modules).map(([name, module]) => [
      name,
      { ...module, imports: styles[name]?.backwards ? module.imports.toReversed() : module.imports },
    ]),
  );
  return reachable(turned, ["worker_a"]).filter((name) => modules[name].acts).join(" ");
}

Deno.test("workers, JSON and WebAssembly are part of the code of the stage that names them", async (t) => {
  await using code = await GeneratedCode.create();
  const [modules] = fc.sample(inert, { numRuns: 1, seed: 1 });
  for (const [name, text] of [["data_a.json", "{}"], ["kernel_a.wasm", "other"], ["worker_a.ts", "f()"]]) {
    await t.step(name, async () => {
      await code.write(modules);
      const before = await Promise.all(STAGES.map((stage) => code.code(stage)));
      await code.put(name, text);
      const [a, b] = await Promise.all(STAGES.map((stage) => code.code(stage)));
      assertNotEquals(a[name], before[0][name]);
      assertEquals(b, before[1]);
    });
  }
});

Deno.test("the code of an archive, which is read as data, is the code that Deno sees", async () => {
  await using code = await GeneratedCode.create();
  const agree = async () => {
    const [byDeno, asData] = await code.bothWays();
    assertEquals(asData, byDeno);
    return asData;
  };
  for (const modules of fc.sample(inert, { numRuns: 10, seed: 2 })) {
    await code.write(modules);
    await agree();
  }
  await code.put("leaf.ts", "export const f = () => 1;\nexport type T = 1;\nexport enum E { A }");
  await code.put("x.wasm", wasmImporting("./leaf.ts"));
  await code.put(
    "stage_a.ts",
    `import type { T } from "./leaf.ts";
     import { type T as U, E as unused } from "./leaf.ts";
     export const later = () => [import("./x.wasm"), import(\`./leaf.ts\`)];
     export default 1 as T | U;`,
  );
  assertEquals(Object.keys((await agree())[0]), ["leaf.ts", "stage_a.ts", "x.wasm"]);
});

Deno.test("an import that is no file, package or part of the runtime is refused", async () => {
  await using code = await GeneratedCode.create();
  const [modules] = fc.sample(inert, { numRuns: 1, seed: 1 });
  await code.write(modules);
  await code.put("h1.ts", 'export { f } from "https://example.invalid/x.ts";');
  const message = await code.code("stage_a").then(() => "", (error: Error) => error.message);
  assertEquals(
    /^Cannot hash the code: .*imports https:\/\/example.invalid\/x.ts/.test(message),
    true,
    message,
  );
});

Deno.test("a module our parsers cannot read keeps its imports of other stages", async () => {
  await using code = await GeneratedCode.create();
  const [modules] = fc.sample(inert, { numRuns: 1, seed: 1 });
  await code.write(modules);
  await code.put("stage_b.ts", 'import { f } from "./stage_a.ts";\n@f class A {}\nexport default A;');
  const before = await code.code("stage_b");
  await code.write({ stage_a: { ...modules.stage_a, constant: 100 } });
  assertNotEquals((await code.code("stage_b"))["stage_a.ts"], before["stage_a.ts"]);
});
