import { assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { ownCode } from "../../../pipeline/code/syntax.ts";

async function digest(source: string): Promise<string> {
  return (await ownCode(source)).digest;
}

const SOURCE =
  'import { a } from "./a.ts";\nexport const b = (x) => a(x, 2) ?? `${x}!`;\nfor (const i of b(1)) a(i);\n';

Deno.test("comments and white space do not change what a module does", async () => {
  const gap = fc.stringMatching(/^( |\n|\t|\/\* [a-z ]* \*\/|\/\/ [a-z ]*\n){0,4}$/);
  await fc.assert(
    fc.asyncProperty(fc.array(gap, { minLength: 40, maxLength: 40 }), async (gaps) => {
      const tokens = SOURCE.match(/`[^`]*`|"[^"]*"|=>|\?\?|\w+|[^\s\w]/g)!;
      // A line may not break before an arrow.
      const gap = (i: number) => (tokens[i + 1] === "=>" ? "" : gaps[i % gaps.length]);
      const spaced = tokens.map((token, i) => `${token} ${gap(i)}`).join("");
      assertEquals(await digest(spaced), await digest(SOURCE));
    }),
    { numRuns: 50 },
  );
});

Deno.test("types do not change what a module does", async () => {
  const plain = "export const f = (x, y = 1) => x + y;\nclass A { b = 1; }\n";
  const typed =
    'import type { T } from "./t.ts";\nimport { type U } from "./u.ts";\ninterface I { a: T; b: U }\n' +
    "export const f = (x: number, y: number = 1): number => (x as number) + y!;\nclass A<T> implements I { private readonly b: T = 1; }\n";
  const dropped = typed.replace('import { type U } from "./u.ts";\n', "");
  assertEquals(await digest(dropped), await digest(plain));
});

Deno.test("constants change what a module does", async () => {
  const literal = fc.oneof(
    fc.double({ noNaN: true, min: 0 }).map((x) => (x === Infinity ? "1e999" : String(x))),
    fc.string().map((text) => JSON.stringify(text)),
    fc.constantFrom(
      "null",
      "true",
      "false",
      "undefined",
      "12n",
      "13n",
      "/a/",
      "/a/g",
      "/b/",
      "`a`",
      "`\\n`",
      "`\n`",
    ),
  );
  await fc.assert(fc.asyncProperty(literal, literal, async (a, b) => {
    const value = (text: string) => text.startsWith("`") ? `template ${text}` : evaluated(text);
    fc.pre(value(a) !== value(b));
    assertNotEquals(await digest(`export const x = ${a};`), await digest(`export const x = ${b};`));
  }));
});

/** Type and value of a literal, as text. */
function evaluated(text: string): string {
  const value = (0, eval)(`(${text})`);
  return `${typeof value} ${Object.is(value, -0) ? "0" : String(value)}`;
}

Deno.test("a number is the same however it is written", async () => {
  assertEquals(await digest("f(1_000, 0x10, 'a')"), await digest('f(1e3, 16, "a");'));
});

Deno.test("order, operators, names and directives change what a module does", async () => {
  const variants = [
    "a() + b()",
    "b() + a()",
    "a() - b()",
    "c() + b()",
    "(a(), b())",
    "a() + b?.()",
    "await a() + b()",
  ];
  const digests = await Promise.all(variants.map((text) => digest(`x(${text});`)));
  assertEquals(new Set(digests).size, variants.length);
});

Deno.test("what TypeScript adds to JavaScript beside types counts", async () => {
  for (
    const text of [
      "namespace A { export const x = 1; }\nf(A.x);",
      "enum E { a = 1 }\nf(E.a);",
      "const enum E { a = 1 }\nf(E.a);",
      "class A { constructor(readonly x = 1) {} }",
      "import x = A.b1;\nf(x);",
    ]
  ) assertNotEquals(await digest(text), await digest(text.replace("1", "2")));
});

Deno.test("names of files and the order in which they are imported are no part of a module", async () => {
  const one = 'import { a, b } from "./a.ts";\nimport "./c.ts";\nexport { d, e } from "./d.ts";\na(b);\n' +
    'load(import("./f.ts"), new URL("./g.wasm", import.meta.url), import.meta.resolve("./h.json"));';
  const other =
    'import "../y/c.ts";\nexport { e, d } from "./l.ts";\nimport { b, a } from "./z.ts";\na(b);\n' +
    "load(import(`../f.ts`), new URL('./i.wasm', import.meta.url), import.meta.resolve('./j.json'));";
  assertEquals(await digest(one), await digest(other));
  const edits = [["b, a", "b as a, a as b"], ["../f.ts", "f"], ["import.meta.url", "base"], [
    'import "../y/c.ts";',
    "",
  ]];
  for (const [from, to] of edits) {
    assertNotEquals(await digest(one), await digest(other.replace(from, to)), from);
  }
});

Deno.test("names of packages are part of a module, and so is their order", async () => {
  const source =
    'import { a } from "a";\nimport { b } from "b";\na(b, import("c"), import.meta.resolve("d/e.ttf"));';
  const swapped = 'import { b } from "b";\nimport { a } from "a";' + source.slice(source.indexOf("\na("));
  for (const other of [swapped, ...["a", "c", "d/e.ttf"].map((name) => source.replace(`"${name}"`, '"x"'))]) {
    assertNotEquals(await digest(source), await digest(other), other);
  }
});

Deno.test("what is said to people in words`…` is no part of a module, what is computed in it is", async () => {
  const source = "export const title = words`Leaves of the ${name(1)}`;";
  assertEquals(await digest(source), await digest(source.replace("Leaves", "Trees")));
  assertNotEquals(await digest(source), await digest(source.replace("1", "2")));
  assertNotEquals(await digest(source), await digest(source.replace(" of the ${name(1)}", "")));
  const other = source.replace("words", "html");
  assertNotEquals(await digest(other), await digest(other.replace("Leaves", "Trees")));
});

Deno.test("a module acts where its top level does more than declare", async () => {
  const declaring = [
    'import { a } from "./a.ts"; import "./b.ts"; export const b = () => a(); export default function f() { g(); }',
    "export const SIZES = [1, -2, 3 * 4], NAMES = { a: f() }; let cache; var x;",
    "'use strict'; class A extends B { static n = 1; get x() { return now(); } } export { A };",
    'export * from "./a.ts"; export { d } from "./d.ts"; export default 1;',
  ];
  const acting = [
    "f();",
    "await 0;",
    "if (1) f();",
    "for (;;) f();",
    "{ f(); }",
    "using a = null;",
    'import "package";',
    "@f class A {}",
  ];
  for (const text of declaring) assertEquals((await ownCode(text)).acts, false, text);
  for (const text of acting) assertEquals((await ownCode(text)).acts, true, text);
});

Deno.test("what cannot be parsed counts as its text", async () => {
  assertNotEquals(await digest("this is no module"), await digest("this is  no module"));
});

Deno.test("literal worker and asset URLs are found, computed ones are not", async () => {
  const { references, data } = await ownCode(`
    new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    const wasm = new URL(\`./kernel.wasm\`, import.meta.url);
    const font = import.meta.resolve("some-font/font.ttf");
    const data = import.meta.resolve("./data.json");
    new URL(\`./\${name}.ts\`, import.meta.url);
    new URL("https://example.com/");
  `);
  assertEquals(references?.map(({ specifier }) => specifier), [
    "./worker.ts",
    "./kernel.wasm",
    "./data.json",
  ]);
  assertEquals(data, ["some-font/font.ttf"]);
});

Deno.test("references are in the order of their texts, and know their place among the imports", async () => {
  const { references } = await ownCode(
    'import "./z.ts"; import { b } from "p"; import { a } from "./y.ts"; import "./x.ts"; a(b, import("./w.ts"));',
  );
  assertEquals(references, [
    { specifier: "./z.ts", rank: 0, order: 0 },
    { specifier: "./x.ts", rank: 0, order: 3 },
    { specifier: "./y.ts", rank: 2, order: 2 },
    { specifier: "p", rank: 3, order: 1 },
    { specifier: "./w.ts", rank: 4 },
  ]);
});
