import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { join } from "node:path";
import { type Files, firstWords, tinyFiles, writeArchive } from "../pipeline/archive/tiny.ts";

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** Replacements of a value: other types, names that objects inherit, references that lead elsewhere. */
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(
    "__proto__",
    "toString",
    "constructor",
    "../../x",
    "/etc/passwd",
    "#action",
    "./",
    "\u202e",
    "\n",
  ),
  fc.constantFrom({ "@id": "./" }, { "@id": "../.." }, { "@id": "#action" }, [{ "@id": 1 }], { toString: 1 }),
);

/** The value with one of its parts, chosen by a number, replaced; undefined takes it out. */
function mutated(value: Json, choice: number, by: Json | undefined): Json {
  const copy = structuredClone(value);
  const places: [Record<string, Json>, string][] = [];
  const visit = (parent: Record<string, Json>) => {
    for (const [name, inner] of Object.entries(parent)) {
      places.push([parent, name]);
      if (typeof inner === "object" && inner !== null) visit(inner as Record<string, Json>);
    }
  };
  visit(copy as Record<string, Json>);
  const [parent, name] = places[choice % places.length];
  if (by === undefined) delete parent[name];
  else parent[name] = by;
  return copy;
}

Deno.test("whatever stands in an archive's JSON, it is sound, has findings or is refused: nothing else is thrown", async () => {
  const folder = await Deno.makeTempDir({ prefix: "fuzz-" });
  const path = join(folder, "a.zip");
  const sound: Files = (await tinyFiles()).files;
  const names = [...sound.keys()].filter((name) => name.endsWith(".json") || name.endsWith("deno.lock"));
  try {
    const property = fc.asyncProperty(
      fc.constantFrom(...names),
      fc.array(fc.tuple(fc.nat(1000), fc.option(anything, { nil: undefined })), {
        minLength: 1,
        maxLength: 3,
      }),
      async (name, changes) => {
        let value = JSON.parse(sound.get(name)!) as Json;
        if (Object.keys(value as object).length === 0) value = { imports: {} };
        for (const [choice, by] of changes) {
          if (Object.keys(value as object).length > 0) value = mutated(value, choice, by as Json);
        }
        await writeArchive(path, new Map([...sound, [name, JSON.stringify(value)]]));
        assertEquals(typeof await firstWords(path), "string");
      },
    );
    await fc.assert(property, { numRuns: 1500 });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
