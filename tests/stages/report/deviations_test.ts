import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Json } from "../../../pipeline/stage.ts";
import { deviations, difference } from "../../../stages/report/read/deviations.ts";

const leaf = fc.oneof(
  fc.integer(),
  fc.string(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.integer(), { maxLength: 3 }),
);
const name = fc.constantFrom("a", "b", "c", "d");
const params: fc.Arbitrary<Json> = fc.letrec<{ readonly node: Json; readonly tree: Json }>((tie) => ({
  node: fc.oneof({ maxDepth: 2 }, leaf, tie("tree")),
  tree: fc.dictionary(name, tie("node"), { minKeys: 1, noNullPrototype: true }),
})).tree;

Deno.test("a value differs from itself in no field", () => {
  fc.assert(fc.property(params, (value) => assertEquals(difference(value, structuredClone(value)), [])));
});

Deno.test("the order of fields is no difference", () => {
  assertEquals(difference({ a: 1, b: [{ c: 1, d: 2 }] }, { b: [{ d: 2, c: 1 }], a: 1 }), []);
});

Deno.test("applying the differences to the recipe gives what was run", () => {
  fc.assert(fc.property(params, params, (recipe, here) => {
    const patched = difference(recipe, here).reduce<Json>(
      (value, entry) => replaced(value, entry.field.split("."), entry.here),
      structuredClone(recipe),
    );
    assertEquals(patched, here);
  }));
});

Deno.test("the differences from a to b are those from b to a, turned round", () => {
  fc.assert(fc.property(params, params, (a, b) => {
    const there = difference(a, b).map(({ field, recipe, here }) => ({ field, recipe: here, here: recipe }));
    assertEquals(difference(b, a), there);
  }));
});

Deno.test("a list is one field, and names of nested fields are dotted", () => {
  const found = difference({ globals: { scale: [0.4, 1], count: 2 } }, {
    globals: { scale: [0.14, 1], count: 2 },
  });
  assertEquals(found, [{ field: "globals.scale", recipe: [0.4, 1], here: [0.14, 1] }]);
});

Deno.test("a difference that models share is one deviation, and axes are none", () => {
  const task = (model: string, epochs: number) => ({
    stage: "train",
    point: { model, seed: 3 },
    params: { model, seed: 3, epochs },
  });
  const found = deviations([task("cnn", 2), task("dense-join", 2), task("avg-join", 100)], () => ({
    model: "cnn",
    seed: 0,
    epochs: 100,
  }));
  assertEquals(found, [
    { stage: "train", field: "epochs", recipe: 100, here: 2, models: ["dense-join", "cnn"] },
  ]);
});

Deno.test("a stage that the recipe does not have is a deviation as a whole", () => {
  const found = deviations([{ stage: "train", point: { model: "new" }, params: {} }], () => undefined);
  assertEquals(found.map(({ field, models }) => ({ field, models })), [
    { field: "(the whole stage)", models: ["new"] },
  ]);
});

function replaced(value: Json, [first, ...rest]: readonly string[], by: Json | undefined): Json {
  if (first === "") return by ?? null;
  const record = { ...(value as Record<string, Json>) };
  const entry = rest.length === 0 ? by : replaced(record[first], rest, by);
  if (entry === undefined) delete record[first];
  else record[first] = entry;
  return record;
}

Deno.test("an architecture is compared once, however many stages are told it, and what it leaves out is the default", () => {
  const task = (stage: string) => ({
    stage,
    point: { model: "cnn" },
    params: { model: "cnn", architecture: { strides: [2, 1] } },
  });
  const recipe = () => ({ model: "cnn", architecture: { strides: [1, 1], kernel: 2 } });
  assertEquals(deviations([task("train"), task("ema-teacher")], recipe), [
    { stage: "models", field: "strides", recipe: [1, 1], here: [2, 1], models: ["cnn"] },
  ]);
});
