import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import type { Code } from "../../../pipeline/code/code_of_stage.ts";
import { wasmImporting } from "../archive/hostile.ts";
import {
  GeneratedCode,
  type Helper,
  moves,
  reachable,
  type Repository,
  repository,
  type Style,
  style,
} from "./generated_code.ts";

const inert = repository(fc.constant(false));
const mixed = repository(fc.boolean());
const [SAMPLE] = fc.sample(inert, { numRuns: 1, seed: 1 });

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

/** The parts of a code that enter a key. */
const keyed = (codes: readonly Code[]) => codes.map(({ code, packages }) => ({ code, packages }));

property(
  "the key of generated code ignores comments, white space, types, quotes, parentheses and import order",
  {
    of: fc.tuple(
      inert,
      fc.dictionary(fc.constantFrom("h0", "h1", "h2", "h3", "worker_a", "stage_a", "stage_b"), style),
    ),
    runs: 25,
    async holds(code, [modules, styles]) {
      await code.write(modules);
      const before = await code.codes();
      await code.write(modules, { styles });
      const after = await code.codes();
      assertEquals(keyed(after), keyed(before));
      assertEquals(after.map(({ modules }) => modules), before.map(({ modules }) => modules));
    },
  },
);

property("the key of generated code ignores where its files are and what they are called", {
  of: fc.tuple(inert, moves),
  runs: 15,
  async holds(code, [modules, moves]) {
    await code.write(modules);
    const before = await code.codes();
    await code.write(modules, { moves });
    const after = await code.codes();
    assertEquals(keyed(after), keyed(before));
    assertNotEquals(Object.keys(after[0].modules), Object.keys(before[0].modules));
    const digests = ({ modules }: Code) => Object.values(modules).sort();
    assertEquals(after.map(digests), before.map(digests));
  },
});

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
    const before = await code.codes();
    const edited: Helper = { ...modules[name], constant };
    await code.write({ ...modules, [name]: edited });
    for (const [i, now] of (await code.codes()).entries()) {
      const letter = "ab"[i];
      const isReached = reachable(modules, [`stage_${letter}`, `worker_${letter}`]).includes(name);
      const changed = Object.keys(now.modules).filter((path) =>
        now.modules[path] !== before[i].modules[path]
      );
      assertEquals(changed, isReached ? [`${name}.ts`] : []);
      assertEquals(now.code.stage !== before[i].code.stage, isReached);
    }
  },
});

property("the order of imports counts exactly where it changes what is evaluated when", {
  of: fc.tuple(mixed, fc.dictionary(fc.constantFrom("h0", "h1", "h2", "stage_a"), style)),
  runs: 15,
  async holds(code, [modules, styles]) {
    await code.write(modules);
    const [[before], trace] = [await code.codes(), await code.trace("stage_a")];
    await code.write(modules, { styles });
    const [after] = await code.codes();
    const isSame = await code.trace("stage_a") === trace &&
      workerOrder(modules, styles) === workerOrder(modules, {});
    assertEquals(after.code.stage === before.code.stage, isSame);
  },
});

/** The acting modules of `worker_a` in their order, by the rule of ECMAScript. */
function workerOrder(modules: Repository, styles: Readonly<Record<string, Style>>): string {
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
  for (const [name, text] of [["data_a.json", "{}"], ["kernel_a.wasm", "other"], ["worker_a.ts", "f()"]]) {
    await t.step(name, async () => {
      await code.write(SAMPLE);
      const before = await code.codes();
      await code.put(name, text);
      const [a, b] = await code.codes();
      assertNotEquals(a.modules[name], before[0].modules[name]);
      assertNotEquals(a.code, before[0].code);
      assertEquals(b.code, before[1].code);
    });
  }
});

Deno.test("the code of an archive, which is read as data, is the code that Deno sees", async () => {
  await using code = await GeneratedCode.create();
  const agree = async () => {
    const [byDeno, asData] = await code.bothWays();
    const plain = (codes: readonly Code[]) => codes.map(({ changed: _, ...code }) => code);
    assertEquals(plain(asData), plain(byDeno));
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
  assertEquals(Object.keys((await agree())[0].modules), ["leaf.ts", "stage_a.ts", "x.wasm"]);
});

Deno.test("a module that is imported for its types alone has to be readable, and is no part of the key", async () => {
  await using code = await GeneratedCode.create();
  await code.write(SAMPLE);
  await code.put("types.ts", "export type T = number;\nexport const x = 1;");
  await code.put("stage_a.ts", 'import { T } from "./types.ts";\nexport const run = (x: T) => x;');
  const [{ code: before, modules, readable }] = await code.codes();
  assertEquals(Object.keys(modules), ["stage_a.ts"]);
  assertEquals(readable.modules.map((path) => path.slice(code.root.length + 1)), ["stage_a.ts", "types.ts"]);
  await code.put("types.ts", "export type T = string;\nexport const x = 2;");
  assertEquals((await code.codes())[0].code, before);
});

Deno.test("an import that is no file, package or part of the runtime is refused", async () => {
  await using code = await GeneratedCode.create();
  await code.write(SAMPLE);
  await code.put("h1.ts", 'export { f } from "https://example.invalid/x.ts";');
  await assertRejects(
    () => code.codes(),
    Error,
    "imports https://example.invalid/x.ts, whose bytes no key knows",
  );
});

Deno.test("a module our parsers cannot read keeps its imports", async () => {
  await using code = await GeneratedCode.create();
  await code.write(SAMPLE);
  await code.put("stage_b.ts", 'import { f } from "./h0.ts";\n@f class A {}\nexport default A;');
  const [, before] = await code.codes();
  await code.write({ h0: { ...SAMPLE.h0, constant: 100 } });
  const [, after] = await code.codes();
  assertNotEquals(after.modules["h0.ts"], before.modules["h0.ts"]);
  assertNotEquals(after.code, before.code);
});

Deno.test("an edit that leads a reference elsewhere is seen while a task runs", async () => {
  await using code = await GeneratedCode.create();
  await code.write(SAMPLE);
  await code.put("stage_a.ts", 'import { f } from "./h3.ts";\nexport const run = f;');
  const [{ changed }] = await code.codes();
  assertEquals(await changed(), []);
  await code.put("stage_a.ts", 'import { f } from "./h4.ts";\nexport const run = f;');
  assertEquals(await changed(), ["stage_a.ts"]);
});
