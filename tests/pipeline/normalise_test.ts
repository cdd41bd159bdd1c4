import { assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { isInert } from "../../pipeline/inert.ts";
import { digestOfModule, parseModule } from "../../pipeline/normalise.ts";
import { referencesOf } from "../../pipeline/references.ts";

async function digest(source: string): Promise<string> {
  return digestOfModule(source, await parseModule(source));
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

/** What a literal means, as text. */
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

Deno.test("the order of imports and of the names in them does not change what a module does by itself", async () => {
  const one = 'import { a, b } from "./a.ts";\nimport "./c.ts";\nexport { d, e } from "./d.ts";\na(b);';
  const other = 'a(b);\nexport { e, d } from "./d.ts";\nimport "./c.ts";\nimport { b, a } from "./a.ts";';
  assertEquals(await digest(one), await digest(other));
  assertNotEquals(await digest(one), await digest(other.replace("./c.ts", "./e.ts")));
  assertNotEquals(await digest(one), await digest(other.replace("b, a", "b as a, a as b")));
});

Deno.test("a module that only declares is inert, one that could run something is not", async () => {
  const inert = [
    'import { a } from "./a.ts"; export const b = () => a(); export default function f() { g(); }',
    "export const SIZES = [1, -2, 3 * 4], NAMES = { a: 'x', 'b': `y`, c: /z/, [1]: null };",
    "'use strict'; class A { static n = 1; #m = now(); get x() { return now(); } } export { A };",
    "let cache; export function cached() { return cache ??= compute(); }",
  ];
  const acting = [
    "f();",
    "export const a = f();",
    "export const a = b;",
    "export const { a } = {};",
    "export const a = [...'b'];",
    "const a = `${{}}`;",
    "const a = 1n + 1;",
    "const a = +1n;",
    "class A extends B {}",
    "class A { static { f(); } }",
    "class A { static b = f(); }",
    "class A { [f()]() {} }",
    "await 0;",
    "if (1) f();",
    "export default f();",
    "using a = null;",
  ];
  for (const text of inert) assertEquals(isInert((await parseModule(text))!), true, text);
  for (const text of acting) assertEquals(isInert((await parseModule(text))!), false, text);
});

Deno.test("what cannot be parsed counts as its text", async () => {
  assertNotEquals(await digest("this is no module"), await digest("this is  no module"));
});

Deno.test("literal worker and asset URLs are found, computed ones are not", async () => {
  const tree = await parseModule(`
    new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    const wasm = new URL(\`./kernel.wasm\`, import.meta.url);
    const font = import.meta.resolve("some-font/font.ttf");
    const data = import.meta.resolve("./data.json");
    new URL(\`./\${name}.ts\`, import.meta.url);
    new URL("https://example.com/");
  `);
  const { urls, packages } = referencesOf(tree!);
  assertEquals(urls, ["./worker.ts", "./kernel.wasm", "./data.json"]);
  assertEquals(packages, ["some-font/font.ttf"]);
});

Deno.test("imports of more than a default export are told apart", async () => {
  const tree = await parseModule(`
    import one from "./one.ts";
    import { default as two } from "./two.ts";
    import { type Three } from "./three.ts";
    import four, { five } from "./four.ts";
    import * as six from "./six.ts";
    export { seven } from "./seven.ts";
    export * from "./eight.ts";
    const nine = await import("./nine.ts");
    use(one, two, four, five, six, nine);
  `);
  const { named } = referencesOf(tree!);
  assertEquals(named, ["./four.ts", "./six.ts", "./seven.ts", "./eight.ts", "./nine.ts"]);
});
