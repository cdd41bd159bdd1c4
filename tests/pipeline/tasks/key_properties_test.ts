import { assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { sha256 } from "../../../pipeline/base/json.ts";
import { type Engine, openEngine } from "../../../pipeline/plan/engine.ts";
import { folderOf, identityOf, partialKeyOf, wholeKey } from "../../../pipeline/tasks/key.ts";
import { lockedPackages, packageClosure } from "../../../pipeline/code/packages.ts";
import type { Json, Key } from "../../../pipeline/stage.ts";
import { pipeline } from "../../../workflow/mod.ts";

const text = fc.string({ maxLength: 8 });
const map = fc.dictionary(text, text, { maxKeys: 4, noNullPrototype: true });
const key = fc.record({
  stage: text,
  params: fc.dictionary(text, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4, noNullPrototype: true }),
  code: map,
  packages: map,
  inputs: map,
  environment: map,
}) as unknown as fc.Arbitrary<Key>;

/** A part of a key, with an entry put in or another value put in its place. */
const edit = fc.record({
  part: fc.constantFrom("params", "code", "packages", "inputs", "environment"),
  name: text,
  value: fc.oneof(text, fc.nat()),
});

Deno.test("any change of any part of a key changes the folder it names, and nothing else does", () => {
  fc.assert(
    fc.property(key, edit, (key, { part, name, value }) => {
      const old = key[part as "params"] as Readonly<Record<string, Json>>;
      const changed = { ...key, [part]: { ...old, [name]: value } } as Key;
      const isSame = Object.hasOwn(old, name) && old[name] === value;
      assertEquals(folderOf(changed) === folderOf(key), isSame);
      assertEquals(identityOf(changed) === identityOf(key), isSame || part === "environment");
      const backwards = Object.fromEntries(Object.entries(old).reverse());
      assertEquals(folderOf({ ...key, [part]: backwards } as Key), folderOf(key));
    }),
    { numRuns: 500 },
  );
});

Deno.test("the packages of a key are those its code imports with all they depend on, however deep", () => {
  const graph = fc.array(fc.subarray([1, 2, 3, 4, 5, 6, 7]), { minLength: 8, maxLength: 8 });
  fc.assert(fc.property(graph, fc.subarray([0, 1, 2, 3]), fc.nat(7), (edges, imported, bumped) => {
    const id = (i: number, isBumped: boolean) => `p${i}@${isBumped && i === bumped ? 2 : 1}.0.0`;
    const closure = (isBumped: boolean) => {
      const packages = Object.fromEntries(edges.map((to, i) => [
        id(i, isBumped),
        { dependencies: to.filter((other) => other > i).map((j) => id(j, isBumped)), integrity: "x" },
      ]));
      return packageClosure(packages, imported.map((i) => id(i, isBumped)));
    };
    const reaches = (i: number): boolean =>
      i === bumped || edges[i].some((next) => next > i && reaches(next));
    assertEquals(
      JSON.stringify(closure(true)) !== JSON.stringify(closure(false)),
      imported.some(reaches),
    );
  }));
});

Deno.test("the bytes of a package are those of the lock file, also of one that only another package imports", async () => {
  const lockfile = await Deno.makeTempFile();
  const found = {
    "umap@1.0.0": { name: "umap", version: "1.0.0", dependencies: ["matrix@2.0.0"] },
    "matrix@2.0.0": { name: "matrix", version: "2.0.0", dependencies: [] },
    "strange@1.0.0": { name: "strange", version: "1.0.0", dependencies: [] },
  };
  const locked = async (integrity: string) => {
    const npm = { "umap@1.0.0": { integrity: "sha512-1" }, "matrix@2.0.0": { integrity } };
    await Deno.writeTextFile(lockfile, JSON.stringify({ npm }));
    const packages = await lockedPackages(found, lockfile);
    return packageClosure(packages, ["umap@1.0.0", "strange@1.0.0"]).map((id) => packages[id].integrity);
  };
  assertEquals(await locked("sha512-2"), ["sha512-2", "unlocked", "sha512-1"]);
  assertEquals(await locked("sha512-3"), ["sha512-3", "unlocked", "sha512-1"]);
  await Deno.remove(lockfile);
});

/** Every task's key, as if each artifact had a digest of its own. */
function keysOf(engine: Engine): Map<string, string> {
  const { environment } = engine;
  return new Map(engine.tasks.map((task) => {
    const key = wholeKey(
      partialKeyOf(task, { code: engine.code(task), environment, known: ({ id }) => sha256(id) }),
    );
    return [task.id, folderOf(key!)];
  }));
}

/** Tasks whose keys change with some overrides of the quick profile. */
async function changedBy(...overrides: string[]): Promise<string[]> {
  const before = keysOf(await openEngine(pipeline, { profile: "quick" }));
  const after = keysOf(await openEngine(pipeline, { profile: "quick", overrides }));
  return [...after.keys()].filter((id) => after.get(id) !== before.get(id));
}

const stagesOf = (ids: readonly string[]) => [...new Set(ids.map((id) => id.replace(/\[.*/, "")))];

const FIELDS: Readonly<Record<string, string>> = {
  "augment-cache": "augment-cache.globals.scale=[0.5,1]",
  "train": "train.epochs=77",
  "ema-teacher": "ema-teacher.trainImages=777",
  "probe": "probe.l2.count=7",
  "saliency": "saliency.images=78",
  "curve": "curve.trainImages=378",
  "umap": "umap.minDist=0.2",
  "layer-probe": "layer-probe.trainImages=777",
  "ensemble": "ensemble.draws=7",
  "controls": "controls.components=7",
};

for (const [stage, override] of Object.entries(FIELDS)) {
  Deno.test(`a field of ${stage} changes the keys of ${stage} and of the report that quotes it, and no other`, async () => {
    assertEquals(stagesOf(await changedBy(override)), [stage, "report"]);
  });
}

Deno.test("a model's architecture changes its keys, those of the controls and the report's", async () => {
  const changed = await changedBy("models.cnn.leafSize=77");
  const others = changed.filter((id) => !id.includes("[cnn,"));
  assertEquals(stagesOf(others), ["controls", "report"]);
  assertEquals(stagesOf(changed).includes("train"), true);
});

Deno.test("another seed is another task, and changes no key but the report's", async () => {
  const { tasks } = await openEngine(pipeline, { profile: "quick", overrides: ["seeds=[5]"] });
  const keys = keysOf(await openEngine(pipeline, { profile: "quick" }));
  const trained = tasks.find(({ id }) => id === "train[cnn,5]")!;
  assertEquals((trained.params as { seed: number }).seed, 5);
  assertEquals(keys.has("train[cnn,5]"), false);
  const changed = await changedBy("seeds=[0,5]");
  assertEquals(changed.filter((id) => keys.has(id)), ["report"]);
});

Deno.test("the numeric environment is part of the key of every stage that computes tensors, and of no other", async () => {
  const engine = await openEngine(pipeline, { profile: "quick" });
  for (const task of engine.tasks) {
    const of = (environment: Key["environment"]) =>
      folderOf(
        wholeKey(
          partialKeyOf(task, { code: engine.code(task), environment, known: ({ id }) => sha256(id) }),
        )!,
      );
    for (const part of Object.keys(engine.environment)) {
      const isSame = of({ ...engine.environment, [part]: "other" }) === of(engine.environment);
      assertEquals(isSame, task.stage.numeric !== true, `${task.id} ${part}`);
    }
  }
});

Deno.test("a byte of an input changes the key of what reads it", async () => {
  const engine = await openEngine(pipeline, { profile: "quick" });
  for (const task of engine.tasks.filter(({ inputs }) => Object.keys(inputs).length > 0)) {
    const of = (bytes: string) =>
      folderOf(
        wholeKey(
          partialKeyOf(task, { code: engine.code(task), environment: {}, known: () => sha256(bytes) }),
        )!,
      );
    assertNotEquals(of("a"), of("b"), task.id);
  }
});
